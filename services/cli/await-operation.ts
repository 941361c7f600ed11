import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { setTimeout as sleep } from 'node:timers/promises';
import { Operations, type Operation } from '../common/proto/generated/google/longrunning/operations_pb.js';
import { OperationMetadataSchema, type OperationMetadata } from '../common/proto/generated/novalet/compute/v1/operation_pb.js';
import { INTERRUPTED, STILL_GOING } from './exit-codes.js';
import { Failure, stillGoing } from './failure.js';
import { limitMs, type Call } from './leaf.js';
import { progressView, type ProgressView } from './progress-view.js';
import { lastPart } from './resource-names.js';
import { failureOfStatus } from './status.js';

/** Between two looks at how far it has come. The end of an operation is told at once. */
const LOOK_SECONDS = 1;
/** How long an answer may be late beyond that. */
const LATE_MS = 10_000;
/** A worker that starts again needs seconds; one that stays away for so long is somebody's business. */
const AWAY_MS = 120_000;
const AGAIN_MS = 500;

/**
 * Waits for the end of an operation, and shows meanwhile how far it has come. The worker may go and come back in between.
 * @returns the operation that came to its end well
 * @throws Failure why it did not; or that it goes on, when the wait is over or interrupted
 */
export async function awaitOperation(call: Call, begun: Operation): Promise<Operation> {
  if (begun.done) return succeeded(begun);
  const { worker, surroundings, options } = call;
  const { interrupted } = surroundings;
  const view = progressView(call, wordsOf(begun));
  const until = performance.now() + (limitMs(options) ?? Infinity);
  let seenAt = performance.now();
  let operation = begun;
  let away = false;
  try {
    for (;;) {
      if (!away) show(view, operation);
      if (operation.done) return succeeded(operation);
      if (interrupted.aborted) throw goesOn(operation, INTERRUPTED, 'interrupted');
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw goesOn(operation, STILL_GOING, `not at its end after ${options.timeout} s`);
      try {
        const seconds = Math.min(LOOK_SECONDS, leftMs / 1000);
        const timeout = { seconds: BigInt(Math.floor(seconds)), nanos: Math.round((seconds % 1) * 1e9) };
        operation = await worker.unary(
          Operations.method.waitOperation,
          { name: operation.name, timeout },
          { timeoutMs: seconds * 1000 + LATE_MS },
        );
        seenAt = performance.now();
        away = false;
      } catch (error) {
        if (interrupted.aborted) continue;
        if (!(error instanceof Failure) || !isPassing(error))
          throw error instanceof Failure ? error.with({ operation: operation.name }) : error;
        if (performance.now() - seenAt > AWAY_MS) throw error.with({ operation: operation.name, advice: howToLook(operation.name) });
        away = true;
        view?.show({ phase: 'the worker is away' });
        await sleep(AGAIN_MS, undefined, { signal: interrupted }).catch(() => undefined);
      }
    }
  } finally {
    view?.end();
  }
}

/** Its metadata; absent where it has none that we know. */
export function metadataOf(operation: Operation): OperationMetadata | undefined {
  return operation.metadata && anyUnpack(operation.metadata, OperationMetadataSchema);
}

function succeeded(operation: Operation): Operation {
  if (operation.result.case !== 'error') return operation;
  const failure = failureOfStatus(operation.result.value);
  const requestId = metadataOf(operation)?.requestId;
  throw failure.with({ operation: operation.name, ...(requestId !== undefined && { requestId }) });
}

/** A worker that is away keeps what it accepted. */
function isPassing(failure: Failure): boolean {
  return failure.report.kind === 'unavailable' || failure.report.kind === 'timeout' || !failure.reached;
}

/** Short, so that the rest has room in a line. */
function wordsOf(operation: Operation): string {
  const metadata = metadataOf(operation);
  if (!metadata) return lastPart(operation.name);
  return `${metadata.verb.replace(/^\w+\./, '')} ${lastPart(metadata.target).replace(/^([0-9a-f]{8})-[0-9a-f-]{27}$/, '$1')}`;
}

function show(view: ProgressView | undefined, operation: Operation): void {
  const metadata = metadataOf(operation);
  if (!metadata || operation.done) return;
  const { phase, bytes, totalBytes, percent, startTime } = metadata;
  view?.show({
    phase: phase || (startTime ? 'at work' : 'waiting for its turn'),
    ...(bytes !== undefined && { bytes: Number(bytes) }),
    ...(totalBytes !== undefined && { totalBytes: Number(totalBytes) }),
    percent,
  });
}

function goesOn({ name }: Operation, exitCode: number, message: string): Failure {
  return stillGoing(exitCode, `${message}; the operation goes on`, { operation: name, advice: howToLook(name) });
}

function howToLook(name: string): string {
  const id = lastPart(name);
  return `novalet operation wait ${id} waits on, operation show looks, operation cancel calls it off.`;
}
