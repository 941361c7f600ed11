import type { CommandType } from '../common/messages/commands.js';
import type { CommandResult } from '../common/messages/results.js';
import type { FoundInstance } from './ports.js';
import type { Outgoing } from './outgoing.js';

/** The two queues of a host: commands that build, and short ones that must not wait behind them. */
export const QUEUE_CLASSES = ['work', 'control'] as const;
export type QueueClass = (typeof QUEUE_CLASSES)[number];

const BUILDS: ReadonlySet<CommandType> = new Set(['instance.spawn', 'image.prefetch', 'instance.snapshot', 'instance.attachDisk']);

/** Where a command belongs that came by no queue of ours. */
export const queueOf = (type: CommandType): QueueClass => (BUILDS.has(type) ? 'work' : 'control');

/** The AMQP properties that a command may have; any of them may be absent or of an unexpected kind, for a stranger wrote them. */
export interface DeliveryProperties {
  readonly type?: unknown;
  readonly messageId?: unknown;
  readonly correlationId?: unknown;
  readonly replyTo?: unknown;
  readonly contentType?: unknown;
  readonly contentEncoding?: unknown;
  /** Seconds since the epoch, as AMQP has it. */
  readonly timestamp?: unknown;
  readonly userId?: unknown;
  readonly appId?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** One message in our hands, whoever carried it here. It stays the broker's until `ack`. */
export interface Delivery {
  readonly content: Buffer;
  readonly properties: DeliveryProperties;
  readonly queue: QueueClass;
  readonly exchange: string;
  readonly routingKey: string;
  /** The broker has handed this message out before. */
  readonly redelivered: boolean;
  /** How often it came back undone; 0 the first time. */
  readonly deliveryCount: number;
  /** Done with it. false: the channel that brought it is gone, and the broker will deliver a copy. */
  ack(): boolean;
  /** Back to the queue, undone. */
  giveBack(): void;
  /**
   * Asked in the instance's lane, with the instance as it stands, before the command is begun: what it throws is the answer. Not asked again when a
   * worker died over the command, for then it is half done itself.
   */
  readonly admit?: (this: void, found: FoundInstance | null) => void;
  /** Told in the lane how the instance stands at the command's end. */
  saw?(found: FoundInstance): void;
  /** How a door of another format answers; absent: by our own reply. They are kept on the disk with the answer while the broker is away. */
  replies?(result: CommandResult): readonly Outgoing[];
  /** For a door without a broker: the answer is with whoever asked, or safe, when it resolves. Awaited before `ack`. */
  answered?(result: CommandResult): Promise<void>;
}
