import { create } from '@bufbuild/protobuf';
import { durationMs, EmptySchema } from '@bufbuild/protobuf/wkt';
import { ComputeError } from '../../../common/errors.js';
import {
  ListOperationsResponseSchema,
  type Operations as OperationsService,
} from '../../../common/proto/generated/google/longrunning/operations_pb.js';
import type { Handlers } from '../calls.js';
import { checkProject, operationIdOf } from '../names.js';
import { operationMessage } from './operation-message.js';
import type { StoredOperation } from './operation-store.js';
import type { Operations } from './operations.js';

const PAGE = { usual: 100, most: 1000 };
/** A client that says nothing waits so long at most, and asks again. */
const WAIT_MS = 60_000;

/** google.longrunning.Operations over what was accepted. */
export function operationHandlers(operations: Operations, host: string): Handlers<typeof OperationsService> {
  const { store } = operations;
  const found = (name: string): StoredOperation => {
    const operation = store.get(operationIdOf(name));
    if (operation) return operation;
    throw new ComputeError('not-found', `there is no ${name}; operations are remembered for a day after their end`, { field: 'name' });
  };
  const shown = (operation: StoredOperation) => operationMessage(operation, host, operations.progressOf(operation.id));
  return {
    getOperation: ({ name }) => Promise.resolve().then(() => shown(found(name))),
    async listOperations({ name, filter, pageSize, pageToken }) {
      await Promise.resolve();
      checkProject(name.replace(/\/operations$/, ''), 'name', true);
      const count = pageSizeOf(pageSize);
      const page = store.list(placeOf(pageToken), count, filterOf(filter));
      const last = page.at(-1);
      return create(ListOperationsResponseSchema, {
        operations: page.map(shown),
        nextPageToken: page.length === count && last ? String(last.place) : '',
      });
    },
    async waitOperation({ name, timeout }, { signal }) {
      const { id } = found(name);
      const waited = AbortSignal.any([
        signal,
        AbortSignal.timeout(Math.max(0, Math.min(timeout ? durationMs(timeout) : WAIT_MS, 2 ** 31 - 1))),
      ]);
      await operations.ended(id, waited);
      return shown(found(name));
    },
    async cancelOperation({ name }) {
      await Promise.resolve();
      const { id, endedAt } = found(name);
      if (endedAt === null) operations.cancel(id);
      return create(EmptySchema);
    },
  };
}

function pageSizeOf(size: number): number {
  if (size < 0) throw new ComputeError('invalid', 'a page has at least one operation', { field: 'page_size' });
  return size === 0 ? PAGE.usual : Math.min(size, PAGE.most);
}

function placeOf(token: string): number | null {
  if (token === '') return null;
  if (!/^\d{1,15}$/.test(token)) throw new ComputeError('invalid', 'this is no page token that was given out', { field: 'page_token' });
  return Number(token);
}

function filterOf(filter: string): { done: boolean } | undefined {
  if (filter === '') return undefined;
  const [, word] = /^\s*done\s*=\s*(true|false)\s*$/.exec(filter) ?? [];
  if (word === undefined) throw new ComputeError('invalid', 'a filter of operations is done = true or done = false', { field: 'filter' });
  return { done: word === 'true' };
}
