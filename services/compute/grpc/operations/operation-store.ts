import type { CommandType } from '../../../common/messages/commands.js';
import type { CommandResult } from '../../../common/messages/results.js';
import type { QueueClass } from '../../delivery.js';

/** A change that was accepted, from then until nobody remembers it. */
export interface StoredOperation {
  /** The last part of its name, and the command's message id. */
  readonly id: string;
  /** What the client calls its request; empty when it calls it nothing. */
  readonly requestId: string;
  /** Of the request, so that another one under the same id is found out. */
  readonly fingerprint: string;
  readonly type: CommandType;
  readonly queue: QueueClass;
  /** What the resource's must be when the change's turn comes; empty: whichever it is. */
  readonly etag: string;
  /** The resource that it changes. */
  readonly target: string;
  /** The command, as it would be on the queue; null once it is answered. */
  readonly body: Buffer | null;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  readonly deadline: number;
  /** How often it was taken in hand again after the end of a worker that had begun it. */
  readonly redeliveries: number;
  readonly cancelRequested: boolean;
  readonly endedAt: number | null;
  readonly result: CommandResult | null;
  /** How the instance stood then, as its protobuf message; null: there is none, or nobody saw it. */
  readonly instance: Uint8Array | null;
}

export type NewOperation = Omit<StoredOperation, 'body' | 'redeliveries' | 'cancelRequested' | 'endedAt' | 'result' | 'instance'> & {
  readonly body: Buffer;
};

/** Remembers operations over restarts. Every write is durable when it returns. */
export interface OperationStore {
  /** Keeps a new one; or gives the one that came under the same request id before. */
  add(operation: NewOperation): { readonly operation: StoredOperation; readonly isNew: boolean };
  /** Keeps one that is at its end already. */
  addEnded(operation: NewOperation, result: CommandResult, instance?: Uint8Array): StoredOperation;
  get(id: string): StoredOperation | null;
  ofRequest(requestId: string): StoredOperation | null;
  /** The newest first, those before the one of this place; null: from the newest on. */
  list(before: number | null, count: number, only?: { readonly done: boolean }): (StoredOperation & { readonly place: number })[];
  /** Those that are not at their end, oldest first; each of them counts as redelivered that an earlier worker had begun. */
  takeUndone(): StoredOperation[];
  /** It came back with nothing begun: its next delivery is no redelivery. */
  giveBack(id: string): void;
  requestCancel(id: string): void;
  end(id: string, result: CommandResult, instance?: Uint8Array): void;
  readonly undone: number;
  close(): void;
}
