import { randomBytes } from 'node:crypto';
import { connect, type Channel } from 'amqplib';

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

/** Calls as oslo.messaging's client does, only cheaper: the same load on whichever server is behind the queue. */
export class Caller {
  readonly #waiting = new Map<string, () => void>();

  private constructor(
    private readonly channel: Channel,
    private readonly replyQueue: string,
    readonly close: () => Promise<void>,
  ) {}

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

  #call(): Promise<void> {
    const id = hex();
    const message = {
      method: 'get_host_uptime',
      args: {},
      version: '6.0',
      _msg_id: id,
      _reply_q: this.replyQueue,
      _timeout: null,
      _unique_id: hex(),
    };
    const content = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify({ ...message, ...CONTEXT }) });
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.channel.publish('nova', 'compute.bench', Buffer.from(content), PROPERTIES);
    });
  }

  #hear(text: string): void {
    const reply = JSON.parse((JSON.parse(text) as { 'oslo.message': string })['oslo.message']) as {
      _msg_id: string;
      failure: string | null;
    };
    if (reply.failure !== null) throw new Error(`a call failed: ${reply.failure}`);
    this.#waiting.get(reply._msg_id)?.();
    this.#waiting.delete(reply._msg_id);
  }
}
