import { randomBytes } from 'node:crypto';
import { connect, type Channel } from 'amqplib';
import { onWire } from '../../support/oslo-client.js';

const PROPERTIES = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  deliveryMode: 2,
  priority: 0,
  expiration: '60000',
} as const;

const hex = (): string => randomBytes(16).toString('hex');

/** What nova's clients send with every call: some thousand bytes, most of them context. */
const CONTEXT = {
  _context_user_id: 'u-demo',
  _context_project_id: 'p-demo',
  _context_is_admin: true,
  _context_roles: ['admin', 'member'],
  _context_auth_token: 'x'.repeat(180),
  _context_request_id: `req-${'1'.repeat(36)}`,
  _context_global_request_id: `req-${'2'.repeat(36)}`,
  _context_service_catalog: [],
  _context_read_deleted: 'no',
  _context_timestamp: '2030-01-01T12:00:00.000000',
  _context_user_identity: 'u-demo p-demo - - -',
};

/** Where an id is to stand. */
const ID = 'ID-OF-THE-CALL';

/** Calls as oslo.messaging's client does, only cheaper: the same load on whichever server is behind the queue. */
export class Caller {
  readonly #waiting = new Map<string, () => void>();
  readonly #run = hex().slice(16);
  #count = 0;
  /** A call as it is on the wire, around its two ids. */
  readonly #before: string;
  readonly #between: string;
  readonly #after: string;

  private constructor(
    private readonly channel: Channel,
    replyQueue: string,
    readonly close: () => Promise<void>,
  ) {
    const ids = { _msg_id: ID, _reply_q: replyQueue, _timeout: null, _unique_id: ID };
    const message = { method: 'get_host_uptime', args: {}, version: '6.0', ...ids, ...CONTEXT };
    [this.#before = '', this.#between = '', this.#after = ''] = onWire(message).toString().split(ID);
  }

  static async connect(url: string): Promise<Caller> {
    const connection = await connect(url, { noDelay: true });
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue(`reply_${hex()}`, { durable: false, arguments: { 'x-expires': 1_800_000 } });
    const caller = new Caller(channel, queue, () => connection.close());
    await channel.consume(queue, (message) => message && caller.#hear(message.content.toString()), { noAck: true });
    return caller;
  }

  /** Whether anybody serves the queue by now. */
  async isServed(): Promise<boolean> {
    return (await this.channel.checkQueue('compute.bench')).consumerCount > 0;
  }

  /** Makes `count` calls, so many of them at once; gives each one's milliseconds, and all of theirs together. */
  async calls(count: number, atOnce: number): Promise<{ readonly each: number[]; readonly allMs: number }> {
    const each: number[] = [];
    let begun = 0;
    const began = performance.now();
    const one = async (): Promise<void> => {
      while (begun < count) {
        begun += 1;
        const start = performance.now();
        await this.#call();
        each.push(performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    return { each, allMs: performance.now() - began };
  }

  /** Written and read without JSON: the less the caller costs, the more of the figures is the server's. */
  #call(): Promise<void> {
    const id = `${this.#run}${String(++this.#count).padStart(16, '0')}`;
    const content = `${this.#before}${id}${this.#between}${id}${this.#after}`;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.channel.publish('nova', 'compute.bench', Buffer.from(content), PROPERTIES);
    });
  }

  #hear(text: string): void {
    const id = /_msg_id\\": *\\"([0-9a-f]{32})/.exec(text)?.[1];
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || !waiting || !/failure\\": *null/.test(text)) throw new Error(`a call failed: ${text}`);
    this.#waiting.delete(id);
    waiting();
  }
}
