import type { Outgoing } from '../outgoing.js';
import type { Answer } from '../result.js';

/** An answer that the broker does not have yet: what it is, and the messages that carry it. */
export interface Unsent {
  /** Of the command that it answers: see `keyOf`. */
  readonly key: string;
  readonly answer: Answer;
  readonly messages: readonly Outgoing[];
}

/** Keeps answers over the end of the process while the broker is away. */
export interface Outbox {
  /** What an earlier process could not send, oldest first. */
  unsent(): Iterable<Unsent>;
  /** Durable when it returns. @throws ComputeError exhausted when there is no room for it, unavailable when it cannot be written */
  put(entry: Unsent): void;
  /** The broker has it. Fine when it is not there. */
  remove(key: string): void;
  readonly count: number;
  readonly bytes: number;
  close(): void;
}
