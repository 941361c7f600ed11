import { status as Code } from '@grpc/grpc-js';
import { ComputeError } from '../../common/errors.js';
import { COMMAND_BODIES, MESSAGE_VERSION } from '../../common/messages/commands.js';
import type { CommandResult } from '../../common/messages/results.js';
import type { Operation } from '../../common/proto/generated/google/longrunning/operations_pb.js';
import type { InstanceService } from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { decode } from '../decode.js';
import type { Cordon, Driver } from '../ports.js';
import { ApiError } from './api-error.js';
import type { Handlers } from './calls.js';
import { CHANGES, deadlineOf, type Change } from './instance-changes.js';
import { checkEtag } from './etag-mismatch.js';
import { mustBeFound } from './must-be-found.js';
import { instanceName } from './names.js';
import { operationMessage } from './operations/operation-message.js';
import type { StoredOperation } from './operations/operation-store.js';
import type { Operations, Wish } from './operations/operations.js';
import type { Timestamp } from '@bufbuild/protobuf/wkt';

export interface InstanceServiceOptions {
  readonly host: string;
  readonly operations: Operations;
  readonly driver: Pick<Driver, 'find'>;
  readonly cordon: Pick<Cordon, 'drained'>;
  /** A command of the instance is in hand. */
  readonly isBusy: (instanceId: string) => boolean;
}

/** What every request for a change has. */
interface ChangeRequest {
  readonly requestId: string;
  readonly validateOnly: boolean;
  readonly deadline?: Timestamp | undefined;
  readonly etag?: string;
  readonly allowMissing?: boolean;
}

/** Every method that changes an instance: checked, accepted, and from then on an operation. */
export function instanceChanges(options: InstanceServiceOptions): Handlers<typeof InstanceService> {
  const { host, operations } = options;
  const methods = Object.entries(CHANGES).map(([name, changeOf]) => {
    const handler = async (request: ChangeRequest): Promise<Operation> => {
      const change = (changeOf as unknown as (request: ChangeRequest) => Change)(request);
      const operation = await accepted(change, request, options);
      return operationMessage(operation, host, operations.progressOf(operation.id));
    };
    return [name, handler] as const;
  });
  return Object.fromEntries(methods);
}

async function accepted(change: Change, request: ChangeRequest, options: InstanceServiceOptions): Promise<StoredOperation> {
  const { operations } = options;
  const { etag = '', validateOnly, allowMissing = false } = request;
  const { type, body, instanceId } = change;
  const also = { validateOnly, allowMissing };
  const requestId = checkRequestId(request.requestId);
  const target = instanceName(instanceId);
  const wish: Wish = { type, body, target, requestId, also, etag, deadline: deadlineOf(request.deadline) };
  const earlier = operations.earlier(wish);
  if (earlier) return earlier;
  checkCommand(wish);
  await checkInstance(change, etag, allowMissing, options);
  if (validateOnly) return validated(wish, change, options);
  return operations.accept(wish);
}

/** The same check as a message on the queue gets, before anything is promised. */
export function checkCommand({ type, body }: Pick<Wish, 'type' | 'body'>): void {
  if (!Object.hasOwn(COMMAND_BODIES, type)) throw new ComputeError('unsupported', `this worker does not know ${type} yet`);
  const content = Buffer.from(JSON.stringify(body));
  const properties = { type, messageId: 'check', headers: { version: MESSAGE_VERSION } };
  const delivery = { content, properties, queue: 'work', exchange: '', routingKey: '', redelivered: false, deliveryCount: 0 } as const;
  const decoded = decode(
    { ...delivery, ack: () => true, giveBack: () => {} },
    { now: Date.now(), defaultDeadlineMs: 1000, maxDeadlineMs: 1000 },
  );
  if (!('rejection' in decoded)) return;
  const { kind, message, field } = decoded.rejection;
  throw new ComputeError(kind, message, field === undefined ? {} : { field });
}

/** @throws ComputeError not-found; ApiError ETAG_MISMATCH, HOST_CORDONED. What waits in the lane may still change things: the etag is looked at there, too. */
async function checkInstance(
  { type, instanceId }: Change,
  etag: string,
  allowMissing: boolean,
  options: InstanceServiceOptions,
): Promise<void> {
  const { driver, cordon, isBusy } = options;
  const isNew = type === 'instance.spawn';
  if (isNew ? cordon.drained === null : etag === '' && (type !== 'instance.destroy' || allowMissing || isBusy(instanceId))) return;
  const found = await driver.find(instanceId);
  if (isNew) {
    if (found) return;
    const { since, requestId } = cordon.drained ?? { since: '', requestId: '' };
    const message = `the host takes no new instances since ${since} (request ${requestId}): create it on another host, or uncordon this one`;
    throw new ApiError(Code.FAILED_PRECONDITION, 'HOST_CORDONED', message);
  }
  if (etag === '') mustBeFound(found, instanceId);
  else checkEtag(etag, found, instanceId);
}

/** An operation that is at its end at once, with what the change would be told. */
async function validated(
  wish: Wish,
  { type, instanceId, body }: Change,
  { operations, driver, host }: InstanceServiceOptions,
): Promise<StoredOperation> {
  if (type === 'instance.spawn') {
    const result = await operations.run(type, body, wish.requestId);
    if (!result.error) return operations.acceptEnded(wish, result);
    const { kind, message, field } = result.error;
    throw new ComputeError(kind, message, field === undefined ? {} : { field });
  }
  const found = await driver.find(instanceId);
  const base = {
    command: type,
    messageId: '',
    requestId: wish.requestId,
    host,
    instanceId,
    outcome: 'done' as const,
    finishedAt: new Date().toISOString(),
  };
  if (type === 'instance.destroy') {
    const result: CommandResult = { ...base, destroyed: { instanceId, existed: found !== null, removed: [] } };
    return operations.acceptEnded(wish, result);
  }
  const there = mustBeFound(found, instanceId);
  const { powerState, domainName, specHash, generation } = there;
  const instance = { instanceId, powerState: powerState ?? 'pending', domainName, specHash, generation };
  return operations.acceptEnded(wish, { ...base, instance }, there);
}

export function checkRequestId(requestId: string): string {
  if (requestId === '' || /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(requestId)) return requestId.toLowerCase();
  throw new ComputeError('invalid', 'a request_id is a UUID', { field: 'request_id' });
}
