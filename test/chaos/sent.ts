import type { CommandResult } from '../../services/common/messages/results.js';
import type { CommandType } from '../../services/common/messages/commands.js';

export type Queue = 'work' | 'control';
/** By which a command comes in. */
export const DOORS = ['queue', 'grpc', 'oslo'] as const;
export type Door = (typeof DOORS)[number];

/** What a command asks for, as far as the model cares. */
export interface Wish {
  readonly type: CommandType;
  readonly id: string;
  readonly generation?: number;
  /** Of a spawn. */
  readonly specHash?: string;
  readonly dryRun?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly paused?: boolean;
  readonly grace?: number;
  readonly mode?: 'soft' | 'hard';
  /** Of a spawn, and of a resize that changes them. */
  readonly vcpus?: number;
  /** Virtual size of its first disk: of a spawn that has disks, of a resize that grows it, and of a rebuild with another size. */
  readonly firstDiskMiB?: number;
  /** Of a detachDisk. */
  readonly remove?: boolean;
  /** Of a snapshot: the file's name. */
  readonly file?: string;
  /** Guests of this driver take devices while they run, let go of them when they like, and have their disks copied. */
  readonly plugs?: boolean;
}

/** One sending of a command by one door, from then to its answers. */
export interface Sent {
  readonly wish: Wish;
  /** The command's idempotency key: copies share it. */
  readonly messageId: string;
  /** This publication's own. */
  readonly correlationId: string;
  readonly door: Door;
  /** Where it waits, whatever its door. */
  readonly queue: Queue;
  /** In the order of sending. */
  readonly number: number;
  /** Milliseconds since the seed began. */
  readonly sentAt: number;
  /** False: it was sent again later, and nobody knows which of them was heard first. */
  inOrder: boolean;
  /** Its sender leaves it no more than moments. */
  readonly hasty: boolean;
  /** The message id of its event; null: there is none, or nobody knows it yet. */
  eventId: string | null;
  answeredAt: number;
  /** The first answer; the others must agree with it. */
  result: CommandResult | null;
  answers: number;
}

/** What an answer comes to, whenever it is given: the rest of it may be how the instance stands at that moment. */
export const verdictOf = ({ outcome, error }: CommandResult): string => (error ? `${outcome} ${error.kind}` : outcome);
