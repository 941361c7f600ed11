import { createHash, randomUUID } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { status as Code } from '@grpc/grpc-js';
import { asComputeError, ComputeError } from '../../../common/errors.js';
import { MESSAGE_VERSION, type Command, type CommandType } from '../../../common/messages/commands.js';
import type { ProgressEvent } from '../../../common/messages/progress.js';
import type { CommandResult } from '../../../common/messages/results.js';
import { InstanceSchema } from '../../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { bounded } from '../../bounded.js';
import { queueOf, type Delivery, type QueueClass } from '../../delivery.js';
import type { Log } from '../../log.js';
import type { Driver, FoundInstance } from '../../ports.js';
import { ApiError } from '../api-error.js';
import { canonical } from '../canonical.js';
import { checkEtagInLane } from '../etag-mismatch.js';
import type { ViewInstance } from '../instance-view.js';
import { instanceIdOf } from '../names.js';
import type { OperationStore, StoredOperation } from './operation-store.js';

/** What a door needs of the worker: to hand a message over, and to have one called off. */
export interface CommandTaker {
  take(delivery: Delivery): void;
  /** False: it is not in hand. */
  callOff(messageId: string, reason: ComputeError): boolean;
  /** A command of the instance is in hand. */
  isBusy(instanceId: string): boolean;
}

/** A change as a client asks for it. */
export interface Wish {
  readonly type: CommandType;
  /** As on the queue, but for deadline and requestId. */
  readonly body: object;
  /** The resource that it changes. */
  readonly target: string;
  readonly requestId: string;
  /** What else tells one request from another, beside its etag: whether it is a check alone. */
  readonly also?: object;
  /** The instance must have it when the change's turn comes; empty: whichever it has. */
  readonly etag?: string;
  /** Milliseconds since the epoch; absent: the worker's default. */
  readonly deadline?: number | undefined;
}

export interface OperationsOptions {
  readonly host: string;
  readonly store: OperationStore;
  readonly tasks: CommandTaker;
  /** A look at an instance, for an operation whose end was found and not seen. */
  readonly driver: Pick<Driver, 'find'>;
  readonly view: ViewInstance;
  readonly defaultDeadlineMs: number;
  readonly log: Log;
  /** Most that may be accepted and not at their end. Default 1000. */
  readonly maxUndone?: number;
}

const MAX_UNDONE = 1000;
const LOOK_MS = 2000;

/**
 * Changes from the moment of their acceptance: on the disk first, then in the worker's hands, and at their end when their answer is on the disk,
 * too. What an earlier process had accepted comes again at the start.
 */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #progress = new Map<string, ProgressEvent>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Given back undone: they are taken again when the worker begins such things again. */
  readonly #back = new Map<string, StoredOperation>();
  readonly #inHand = new Set<string>();

  #stopping = false;

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  get store(): OperationStore {
    return this.#options.store;
  }

  /** Takes up what an earlier process had accepted and not brought to its end. */
  resume(): void {
    const undone = this.store.takeUndone();
    if (undone.length > 0) this.#options.log.info({ count: undone.length }, 'operations of an earlier run are taken up');
    for (const operation of undone) this.#take(operation);
  }

  /**
   * Accepts a change. The same request gives the same operation.
   * @throws ApiError REQUEST_ID_REUSED, TOO_MANY_OPERATIONS; ComputeError when it cannot be written down
   */
  accept(wish: Wish): StoredOperation {
    const earlier = this.earlier(wish);
    if (earlier) return earlier;
    const { maxUndone = MAX_UNDONE } = this.#options;
    if (this.store.undone >= maxUndone) {
      const message = `${this.store.undone} operations are not at their end yet; at most ${maxUndone} are accepted`;
      throw new ApiError(Code.RESOURCE_EXHAUSTED, 'TOO_MANY_OPERATIONS', message, {}, 5000);
    }
    const { operation, isNew } = this.store.add(this.#new(wish));
    if (isNew) this.#take(operation);
    return operation;
  }

  /** An operation that is at its end at once: of a check, or of a change that was not needed. */
  acceptEnded(wish: Wish, result: CommandResult, found?: FoundInstance): StoredOperation {
    return this.earlier(wish) ?? this.store.addEnded(this.#new(wish), result, found && this.#viewed(found));
  }

  /** The operation that the same request led to before. @throws ApiError REQUEST_ID_REUSED */
  earlier(wish: Wish): StoredOperation | null {
    if (wish.requestId === '') return null;
    const earlier = this.store.ofRequest(wish.requestId);
    if (!earlier || earlier.fingerprint === fingerprint(wish)) return earlier;
    throw new ApiError(
      Code.FAILED_PRECONDITION,
      'REQUEST_ID_REUSED',
      `the request_id ${wish.requestId} came before with another request; every request has its own`,
      { operation: earlier.id },
    );
  }

  /**
   * Runs a command that leaves nothing to remember, as soon as its lane lets it.
   * @throws ComputeError what the command failed with is in the result, not thrown
   */
  run(type: CommandType, body: object, requestId?: string): Promise<CommandResult> {
    const messageId = randomUUID();
    const content = Buffer.from(JSON.stringify({ ...body, ...(requestId !== undefined && requestId !== '' && { requestId }) }));
    return new Promise((resolve, reject) => {
      const giveBack = (): void => reject(new ComputeError('unavailable', `${type}: the worker takes no such command now`));
      this.#options.tasks.take({
        ...this.#delivery({ id: messageId, type, queue: 'control', content }),
        giveBack,
        answered: (result) => Promise.resolve(resolve(result)),
      });
    });
  }

  progressOf(id: string): ProgressEvent | undefined {
    return this.#progress.get(id);
  }

  /** How far a command has come; most are none of this door's. */
  onProgress({ messageId }: Command, event: ProgressEvent): void {
    if (!this.#inHand.has(messageId)) return;
    this.#progress.set(messageId, event);
  }

  /** Resolves when the operation is at its end, or `signal` says that nobody waits any more. */
  async ended(id: string, signal: AbortSignal): Promise<void> {
    if (this.#stopping || signal.aborted || this.store.get(id)?.endedAt !== null) return;
    await new Promise<void>((resolve) => {
      const all = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, all);
      const end = (): void => {
        all.delete(end);
        if (all.size === 0) this.#waiting.delete(id);
        signal.removeEventListener('abort', end);
        resolve();
      };
      all.add(end);
      signal.addEventListener('abort', end);
    });
  }

  /** Lets everybody go who waits, and whoever comes: the worker is stopping. */
  stopWaiting(): void {
    this.#stopping = true;
    for (const all of [...this.#waiting.values()]) for (const heard of [...all]) heard();
  }

  /** Asks for the end of an operation; what cannot be called off any more goes on. */
  cancel(id: string): void {
    this.store.requestCancel(id);
    const operation = this.store.get(id);
    if (!operation || operation.endedAt !== null) return;
    if (this.#back.has(id) && operation.redeliveries === 0) {
      // Nothing of it was ever begun, and nobody has it in hand.
      this.#back.delete(id);
      void this.#end(id, cancelledResult(operation, this.#options.host));
    } else this.#options.tasks.callOff(id, calledOff(id));
  }

  /** What was given back undone is taken again. */
  takeBack(): void {
    const all = [...this.#back.values()];
    this.#back.clear();
    for (const operation of all) this.#take(operation);
  }

  #new(wish: Wish) {
    const { type, body, target, requestId, etag = '' } = wish;
    const createdAt = Date.now();
    const deadline = wish.deadline ?? createdAt + this.#options.defaultDeadlineMs;
    const id = randomUUID();
    const command = { ...body, deadline: new Date(deadline).toISOString(), ...(requestId !== '' && { requestId }) };
    const content = Buffer.from(JSON.stringify(command));
    const also = { fingerprint: fingerprint(wish), queue: queueOf(type), etag };
    return { id, requestId, type, target, body: content, createdAt, deadline, ...also };
  }

  #take(operation: StoredOperation): void {
    const { id, type, queue, redeliveries, etag, target, body: content } = operation;
    if (content === null) return;
    this.#inHand.add(id);
    let seen: Uint8Array | undefined;
    this.#options.tasks.take({
      ...this.#delivery({ id, type, queue, content }),
      redelivered: redeliveries > 0,
      deliveryCount: redeliveries,
      giveBack: () => this.#givenBack(operation),
      ...(etag !== '' && { admit: (found: FoundInstance | null) => checkEtagInLane(etag, found, instanceIdOf(target)) }),
      saw: (found) => void (seen = this.#viewed(found)),
      answered: async (result) => this.#end(id, result, seen ?? (await this.#lookAgain(result))),
    });
    if (operation.cancelRequested) this.cancel(id);
  }

  #delivery({ id, type, queue, content }: { id: string; type: CommandType; queue: QueueClass; content: Buffer }): Delivery {
    return {
      content,
      properties: { type, messageId: id, contentType: 'application/json', headers: { version: MESSAGE_VERSION } },
      queue,
      exchange: '',
      routingKey: '',
      redelivered: false,
      deliveryCount: 0,
      ack: () => true,
      giveBack: () => {},
      replies: () => [],
    };
  }

  #givenBack(operation: StoredOperation): void {
    this.#inHand.delete(operation.id);
    this.#back.set(operation.id, operation);
    try {
      this.store.giveBack(operation.id);
    } catch (error) {
      // It counts as one redelivery more.
      this.#options.log.warn(
        { error: bounded(asComputeError(error).message), messageId: operation.id },
        'operation that came back cannot be noted',
      );
    }
  }

  #viewed(found: FoundInstance): Uint8Array {
    return toBinary(InstanceSchema, this.#options.view(found));
  }

  /** The answer was given by an earlier process, or nobody could look when it was given. */
  async #lookAgain({ instance }: CommandResult): Promise<Uint8Array | undefined> {
    if (!instance) return undefined;
    const found = await this.#options.driver.find(instance.instanceId, Date.now() + LOOK_MS).catch(() => null);
    return found?.generation === instance.generation ? this.#viewed(found) : undefined;
  }

  /** The answer is on the disk when this resolves. While the disk takes nothing, it is tried again: the command is done, and must be heard of. */
  async #end(id: string, result: CommandResult, instance?: Uint8Array): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.store.end(id, withoutWhatIsNotKept(result), instance);
        break;
      } catch (error) {
        this.#options.log.error(
          { error: bounded(asComputeError(error).message), messageId: id, attempt },
          'end of an operation cannot be written',
        );
        await new Promise((resolve) => setTimeout(resolve, Math.min(5000, 200 * attempt)).unref());
      }
    }
    this.#inHand.delete(id);
    this.#progress.delete(id);
    for (const heard of [...(this.#waiting.get(id) ?? [])]) heard();
  }
}

const calledOff = (id: string): ComputeError => new ComputeError('cancelled', `operation ${id}: called off by its client`);

function cancelledResult({ id, type, requestId }: StoredOperation, host: string): CommandResult {
  const { kind, message } = calledOff(id);
  const error = { kind, message, retryable: false };
  return { command: type, messageId: id, requestId, host, outcome: 'failed', error, finishedAt: new Date().toISOString() };
}

/** No operation shows a console. */
function withoutWhatIsNotKept({ console: _console, ...result }: CommandResult): CommandResult {
  return result;
}

function fingerprint({ type, body, target, also, etag }: Wish): string {
  return createHash('sha256')
    .update(canonical({ type, body, target, also: { ...also, etag } }))
    .digest('base64');
}
