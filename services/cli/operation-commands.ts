import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import {
  ListOperationsResponseSchema,
  Operations,
  OperationSchema,
  type Operation,
} from '../common/proto/generated/google/longrunning/operations_pb.js';
import { awaitOperation, metadataOf } from './await-operation.js';
import { printResult } from './change.js';
import { invalid } from './failure.js';
import { time } from './instance-words.js';
import { ask, leafOf, onWorker, type Call } from './leaf.js';
import { wholeNumber } from './option-values.js';
import { PAGE, pages } from './pages.js';
import { bytes } from './quantity.js';
import { lastPart, PROJECT } from './resource-names.js';
import type { Surroundings } from './surroundings.js';
import { facts, table } from './table.js';

const METHODS = Operations.method;
const LIMIT = 100;

export function addOperationCommands(group: Command, surroundings: Surroundings): void {
  const leaf = leafOf(group, surroundings);

  leaf('list', 'the operations that the worker remembers, the newest first', (command) =>
    command
      .option('--filter <filter>', 'done = true, or done = false')
      .option('--limit <number>', `at most so many; ${LIMIT} unless it is said`, wholeNumber(1)),
  ).action(
    onWorker<{ filter?: string; limit?: number }>(surroundings, async (call, _args, { filter = '', limit = LIMIT }) => {
      const operations = await listed(call, filter, limit);
      const list = create(ListOperationsResponseSchema, { operations });
      await call.printer.message(ListOperationsResponseSchema, list, () => operationTable(operations));
    }),
  );

  leaf('show <operation>', 'how far one has come, or how it ended').action(
    onWorker(surroundings, async (call, [words]) => {
      const operation = await found(call, words);
      await call.printer.message(OperationSchema, operation, () => operationFacts(operation));
    }),
  );

  leaf('wait <operation>', 'wait for its end, and leave with what came of it').action(
    onWorker(surroundings, async (call, [words]) => printResult(call, await awaitOperation(call, await found(call, words)))),
  );

  leaf('cancel <operation>', 'ask for its end; what it has done stays done or is taken back, as docs/verbs.md says').action(
    onWorker(surroundings, async (call, [words]) => {
      const name = nameOf(words);
      await ask(call, METHODS.cancelOperation, { name });
      const operation = await found(call, words);
      await call.printer.message(
        OperationSchema,
        operation,
        () => `${lastPart(name)} is ${operation.done ? `over: ${outcome(operation)}` : 'asked to end'}\n`,
      );
    }),
  );
}

function nameOf(words: string | undefined): string {
  if (words === undefined || words === '') throw invalid('which operation?', 'novalet operation list shows them.');
  return words.includes('/') ? words : `${PROJECT}/operations/${words}`;
}

function found(call: Call, words: string | undefined): Promise<Operation> {
  return ask(call, METHODS.getOperation, { name: nameOf(words) });
}

export async function listed(call: Call, filter: string, limit: number): Promise<Operation[]> {
  const all: Operation[] = [];
  const page = (pageToken: string) =>
    ask(call, METHODS.listOperations, { name: PROJECT, filter, pageSize: Math.min(limit - all.length, PAGE), pageToken });
  for await (const { operations } of pages(page)) {
    all.push(...operations);
    if (all.length >= limit) break;
  }
  return all.slice(0, limit);
}

function outcome({ done, result }: Operation): string {
  return done ? (result.case === 'error' ? `failed: ${result.value.message}` : 'done') : 'under way';
}

function operationTable(operations: readonly Operation[]): string {
  const rows = operations.map((operation) => ({ operation, metadata: metadataOf(operation) }));
  return table(rows, [
    { header: 'ID', cell: ({ operation }) => lastPart(operation.name) },
    { header: 'VERB', cell: ({ metadata }) => metadata?.verb ?? '' },
    { header: 'OF', cell: ({ metadata }) => lastPart(metadata?.target ?? '') },
    { header: 'ACCEPTED', cell: ({ metadata }) => time(metadata?.createTime) ?? '' },
    { header: 'PHASE', cell: ({ metadata, operation }) => (operation.done ? '' : (metadata?.phase ?? '')) },
    { header: 'OUTCOME', cell: ({ operation }) => outcome(operation) },
  ]);
}

function operationFacts(operation: Operation): string {
  const metadata = metadataOf(operation);
  const amount =
    metadata?.bytes === undefined
      ? undefined
      : `${bytes(Number(metadata.bytes))} of ${metadata.totalBytes === undefined ? 'what there is' : bytes(Number(metadata.totalBytes))}`;
  return facts([
    ['id', lastPart(operation.name)],
    ['verb', metadata?.verb],
    ['of', metadata && lastPart(metadata.target)],
    ['outcome', outcome(operation)],
    ['phase', operation.done ? undefined : metadata?.phase],
    ['so far', operation.done ? undefined : amount],
    ['asked to end', metadata?.cancelRequested ? 'yes' : undefined],
    ['accepted', time(metadata?.createTime)],
    ['begun', time(metadata?.startTime)],
    ['ended', time(metadata?.endTime)],
    ['deadline', time(metadata?.deadline)],
    ['taken up again', metadata && metadata.redeliveries > 0 ? String(metadata.redeliveries) : undefined],
    ['host', metadata && lastPart(metadata.host)],
    ['request id', metadata?.requestId],
  ]);
}
