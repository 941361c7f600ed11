import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { ComputeError } from '../../common/errors.js';
import { type InstanceEventSchema, Instance_State } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  type ListInstanceEventsRequest,
  type ListInstanceEventsResponse,
  ListInstanceEventsResponseSchema,
} from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { History, NumberedHappening } from '../revisions/history.js';
import { powerStateAsState } from './recorded-message.js';
import { hostName, instanceIdOf, instanceName } from './names.js';
import { statusOf } from './status.js';

export interface InstanceEventsOptions {
  readonly host: string;
  readonly history: History;
  /** Whether anything is known of it now. */
  readonly isKnown: (id: string) => boolean;
  /** The operation whose command had this message id; null: it came by another door. */
  readonly operationOf: (messageId: string) => string | null;
}

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;

/** @throws ComputeError not-found, where nothing is and nothing was; invalid */
export function listInstanceEvents(
  { parent, pageSize, pageToken }: ListInstanceEventsRequest,
  options: InstanceEventsOptions,
): ListInstanceEventsResponse {
  const id = instanceIdOf(parent, 'parent');
  const size = Math.min(pageSize > 0 ? pageSize : DEFAULT_PAGE, MAX_PAGE);
  const found = options.history.of(id, before(pageToken), size + 1);
  if (found.length === 0 && !options.isKnown(id))
    throw new ComputeError('not-found', `${parent}: there is no such instance on this host, and nothing is remembered of one`, {
      field: 'parent',
    });
  const page = found.slice(0, size);
  const last = found.length > size ? page.at(-1) : undefined;
  return create(ListInstanceEventsResponseSchema, {
    events: page.map((happening) => eventOf(id, happening, options)),
    nextPageToken: last ? String(last.sequence) : '',
  });
}

function before(pageToken: string): number {
  if (pageToken === '') return Infinity;
  if (/^\d{1,15}$/.test(pageToken)) return Number(pageToken);
  throw new ComputeError('invalid', 'page_token is none that this host gave; begin without one', { field: 'page_token' });
}

function eventOf(
  id: string,
  happening: NumberedHappening,
  { host, operationOf }: InstanceEventsOptions,
): MessageInitShape<typeof InstanceEventSchema> {
  const { sequence, at, type, state, reason = '', requestId = '', messageId, error, outcome } = happening;
  return {
    sequence: BigInt(sequence),
    time: timestampFromDate(new Date(at)),
    type,
    reason: reason.toUpperCase().replaceAll('-', '_'),
    message: wordsOf(happening),
    state:
      powerStateAsState(state) ?? (type === 'instance.destroy' && outcome === 'done' ? Instance_State.DELETED : Instance_State.UNSPECIFIED),
    inBand: type !== 'instance.state',
    operation: (messageId !== undefined ? operationOf(messageId) : null) ?? '',
    requestId,
    host: hostName(host),
    ...(error && { error: statusOf(error, instanceName(id)) }),
  };
}

/** For people. */
function wordsOf({ type, outcome, state, previous, error }: NumberedHappening): string {
  if (error) return error.message;
  const became = state === undefined ? '' : `, ${state}`;
  if (type === 'instance.state')
    return previous === undefined ? `it is ${state ?? 'changed'}` : `it was ${previous}, and is ${state ?? 'changed'}`;
  return `${type} ${outcome ?? ''}${became}`;
}
