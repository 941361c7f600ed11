import { randomBytes } from 'node:crypto';
import { connect, type ConfirmChannel } from 'amqplib';
import type { OsloSettings } from '../../services/compute/oslo/bridge.js';
import { Inbox } from './inbox.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

/** How tests open OpenStack's door; the URL is theirs. */
export const OSLO_SETTINGS = {
  exchange: 'nova',
  topic: 'compute',
  namespace: null,
  topology: [],
  bridges: {},
  notifications: 'none',
} as const satisfies Omit<OsloSettings, 'url'>;

/** What an oslo.messaging server answers, opened. */
export interface OsloReply {
  readonly result: unknown;
  readonly failure: string | null;
  readonly ending: boolean;
  readonly _msg_id: string;
  readonly _unique_id: string;
}

export interface OsloCall {
  readonly version?: string;
  readonly namespace?: string | null;
  /** Of the call monitor, in seconds. */
  readonly monitor?: number;
  readonly expirationMs?: number;
  /** Others than `compute.host-1` by `nova`. */
  readonly to?: { readonly exchange: string; readonly routingKey: string };
  readonly uniqueId?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A message in oslo.messaging's envelope. */
export function onWire(message: object): Buffer {
  return Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }));
}

/** The message of an envelope. */
export function offWire(content: Buffer): unknown {
  const envelope = JSON.parse(content.toString()) as { 'oslo.message': string };
  return JSON.parse(envelope['oslo.message']);
}

const hex = (): string => randomBytes(16).toString('hex');

/** Speaks as oslo.messaging's RPC client does, for tests that want to see every message. */
export class OsloClient {
  /** Every reply, heartbeats too. */
  readonly replies = new Inbox<OsloReply>();
  readonly #waiting = new Map<string, (reply: OsloReply) => void>();

  private constructor(
    readonly channel: ConfirmChannel,
    readonly replyQueue: string,
  ) {}

  static async connect(t: TakeAway, url: string): Promise<OsloClient> {
    const connection = await connect(url, { noDelay: true });
    takeAwayAfter(t, () => connection.close().catch(() => {}));
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue(`reply_${hex()}`, { durable: false, arguments: { 'x-expires': 1_800_000 } });
    const client = new OsloClient(channel, queue);
    await channel.consume(
      queue,
      (message) => {
        if (!message) return;
        const reply = offWire(message.content) as OsloReply;
        const wanted = reply.ending ? client.#waiting.get(reply._msg_id) : undefined;
        if (wanted) wanted(reply);
        else client.replies.push(reply);
      },
      { noAck: true },
    );
    return client;
  }

  /** The one reply that ends the call. */
  async call(method: string, args: object, options: OsloCall = {}): Promise<OsloReply> {
    const messageId = hex();
    const reply = new Promise<OsloReply>((resolve) => this.#waiting.set(messageId, resolve));
    this.#publish(
      { ...question(method, args, options), _msg_id: messageId, _reply_q: this.replyQueue, _timeout: options.monitor ?? null },
      options,
    );
    const ended = await reply;
    this.#waiting.delete(messageId);
    return ended;
  }

  /** Resolves when the broker has it. */
  async cast(method: string, args: object, options: OsloCall = {}): Promise<void> {
    this.#publish(question(method, args, options), options);
    await this.channel.waitForConfirms();
  }

  #publish(message: object, { to = { exchange: 'nova', routingKey: 'compute.host-1' }, expirationMs }: OsloCall): void {
    this.channel.publish(to.exchange, to.routingKey, onWire(message), {
      ...PROPERTIES,
      ...(expirationMs !== undefined && { expiration: String(expirationMs) }),
    });
  }
}

export const PROPERTIES = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2, priority: 0 } as const;

function question(method: string, args: object, { version = '6.0', namespace, uniqueId = hex(), more = {} }: OsloCall): object {
  const context = { _context_request_id: 'req-1', _context_auth_token: 'TOKEN-SECRET', _context_user_id: 'u-demo' };
  return { method, args, version, ...(namespace !== undefined && { namespace }), _unique_id: uniqueId, ...context, ...more };
}
