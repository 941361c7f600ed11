import type { ErrorKind } from '../../services/common/errors.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import type { Operation } from '../../services/common/proto/generated/google/longrunning/operations_pb.js';
import type { Status } from '../../services/common/proto/generated/google/rpc/status_pb.js';
import type { Instance } from '../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import { detailsOf, statusIn } from '../support/api-client.js';
import type { Wish } from './sent.js';

/** The same answer in the queue's words, as far as the model reads them. */
export function answerOfOperation(wish: Wish, { result }: Operation): CommandResult {
  return result.case === 'error' ? failed(wish, result.value) : done(wish);
}

/** Of a call that was refused before it was an operation. */
export function answerOfRefusal(wish: Wish, error: unknown): CommandResult {
  return failed(wish, statusIn(error));
}

/** Of a look at it. */
export function answerOfLook(wish: Wish, { generation, metadata, status }: Instance): CommandResult {
  const { powerState = '', committed = false, desiredPowerState = '', specHash = '', rescued = false } = status ?? {};
  return {
    ...done(wish),
    instance: { instanceId: wish.id, domainName: '', powerState, generation, specHash },
    record: { committed, desiredPowerState, autodestroy: false, rescued, requestId: '', metadata },
  } as CommandResult;
}

function done({ type, id }: Wish): CommandResult {
  return { command: type, messageId: '', requestId: '', host: '', instanceId: id, outcome: 'done', finishedAt: new Date().toISOString() };
}

function failed(wish: Wish, status: Status): CommandResult {
  const { reason = '', metadata = {} } = detailsOf(status).info ?? {};
  const kind = (reason === 'HOST_CORDONED' ? 'precondition' : (metadata['kind'] ?? reason)) as ErrorKind;
  const leftovers = metadata['leftovers']?.split(', ');
  return {
    ...done(wish),
    outcome: 'failed',
    error: { kind, message: status.message, retryable: false, ...(leftovers && { leftovers }) },
  };
}
