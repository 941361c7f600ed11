/** What the worker says: a message on its way to the broker. */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly type: string;
  /** When no queue takes it, it comes back and is counted. */
  readonly mandatory: boolean;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly appId?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Of the broker by which the question came, if that is another one than the worker's own. */
  readonly door?: 'oslo' | undefined;
}

/** `returned`: the broker took it, but no queue did (only for mandatory ones). `impossible`: AMQP has no way to write it down. */
export type Published = 'confirmed' | 'returned' | 'impossible';

/** Resolves when the broker has it for good; keeps trying while the broker is away. */
export type Publish = (message: Outgoing) => Promise<Published>;

/** AMQP's short strings end at 255 bytes; a longer one cannot be written at all. */
export function shortString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 255 ? value : undefined;
}
