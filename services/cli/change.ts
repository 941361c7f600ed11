import type { DescMessage, DescMethodUnary, MessageInitShape } from '@bufbuild/protobuf';
import { anyUnpack, timestampFromMs, type Timestamp } from '@bufbuild/protobuf/wkt';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { OperationSchema, type Operation } from '../common/proto/generated/google/longrunning/operations_pb.js';
import { awaitOperation } from './await-operation.js';
import { INTERRUPTED } from './exit-codes.js';
import { Failure } from './failure.js';
import { messageJson, REGISTRY } from './json.js';
import { ask, type Call } from './leaf.js';
import { seconds } from './option-values.js';
import { lastPart } from './resource-names.js';
import { resultWords } from './result-words.js';

/** Options of every command that changes something. */
export interface ChangeOptions {
  readonly wait: boolean;
  readonly requestId?: string;
  readonly deadline?: number;
  readonly dryRun?: boolean;
}

export function addChangeOptions(command: Command): Command {
  return command
    .optionsGroup('Change:')
    .option('--no-wait', 'print the operation as soon as it is accepted')
    .option('--deadline <seconds>', 'have the worker give it up after this time', seconds)
    .option('--request-id <uuid>', 'the same id never does it twice')
    .option('--dry-run', 'have it checked, and change nothing');
}

/** What every request of a change has. */
export interface ChangeFields {
  readonly requestId: string;
  readonly validateOnly: boolean;
  readonly deadline?: Timestamp;
}

export function changeFields({ requestId = randomUUID(), deadline, dryRun = false }: Omit<ChangeOptions, 'wait'>): ChangeFields {
  return { requestId, validateOnly: dryRun, ...(deadline !== undefined && { deadline: timestampFromMs(Date.now() + deadline * 1000) }) };
}

/** A connection that breaks leaves it open whether the request was taken: the same one is sent again, which is harmless. */
const AGAIN_MS = 500;
const TIMES = 10;

/** Sends a change once, however often it has to be sent. */
export async function send<I extends DescMessage, O extends DescMessage>(
  call: Call,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I> & ChangeFields,
) {
  const { interrupted } = call.surroundings;
  for (let time = 1; ; time++) {
    try {
      return await ask(call, method, request);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (interrupted.aborted) throw interruptedWhile(request.requestId);
      if (error.report.kind !== 'unavailable' || !error.reached || time === TIMES) {
        throw error.with({ requestId: request.requestId });
      }
      await sleep(AGAIN_MS, undefined, { signal: interrupted }).catch(() => undefined);
    }
  }
}

function interruptedWhile(requestId: string): Failure {
  const message = 'interrupted before the worker answered; it may have taken the request';
  const advice = 'The same command with this --request-id finds out, and does nothing twice.';
  return new Failure({ kind: 'cancelled', message, requestId, advice }, INTERRUPTED);
}

/** Sends a change, waits for its end unless that is not wanted, and prints what came of it. */
export async function change<I extends DescMessage>(
  call: Call,
  method: DescMethodUnary<I, typeof OperationSchema>,
  request: MessageInitShape<I> & ChangeFields,
  { wait }: ChangeOptions,
): Promise<void> {
  const begun = await send(call, method, request);
  if (!wait && !begun.done) {
    await call.printer.message(OperationSchema, begun, () => `${lastPart(begun.name)}\n`);
    call.printer.note(`It goes on; novalet operation wait ${lastPart(begun.name)} waits for its end.`);
    return;
  }
  await printResult(call, await awaitOperation(call, begun));
}

/** What an operation gave: the message in it, for programs as it is. */
export async function printResult({ printer }: Call, operation: Operation): Promise<void> {
  const { case: given, value } = operation.result;
  const result = given === 'response' ? anyUnpack(value, REGISTRY) : undefined;
  if (!result) return printer.message(OperationSchema, operation, () => `${lastPart(operation.name)} is done\n`);
  const schema = REGISTRY.getMessage(result.$typeName);
  await printer.value(schema ? messageJson(schema, result) : null, () => resultWords(result));
}
