import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { CommandType } from '../../common/messages/commands.js';
import type { PowerState } from '../../common/messages/power-state.js';
import {
  type Instance,
  InstanceSchema,
  Instance_State,
  type InstanceStatusSchema,
} from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { InstanceSpecSchema, type InstanceSpec } from '../../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { isAsDesired } from '../instances/condition.js';
import type { Desired } from '../ports.js';
import type { RecordedInstance } from '../revisions/recorded-instance.js';
import type { Revision } from '../revisions/revisions.js';
import { etagOf } from './instance-message.js';
import { hostName, instanceName } from './names.js';
import { statusOf } from './status.js';
import { fromWords } from './words.js';

const STATES: Readonly<Record<PowerState, Instance_State>> = {
  pending: Instance_State.STARTING,
  running: Instance_State.RUNNING,
  paused: Instance_State.PAUSED,
  shutdown: Instance_State.STOPPED,
  suspended: Instance_State.SUSPENDED,
  crashed: Instance_State.FAILED,
};

/** What our events call a state, as the API does; undefined for none. */
export function powerStateAsState(word: string | undefined): Instance_State | undefined {
  if (word === 'missing') return Instance_State.FAILED;
  if (word === 'gone') return Instance_State.DELETED;
  return word === undefined ? undefined : STATES[word as PowerState];
}

/** What a command makes of it while it is in hand; the others leave the state that it has. */
const AT_WORK: Readonly<Partial<Record<CommandType, Instance_State>>> = {
  'instance.spawn': Instance_State.PROVISIONING,
  'instance.destroy': Instance_State.DELETING,
  'instance.start': Instance_State.STARTING,
  'instance.resume': Instance_State.STARTING,
  'instance.stop': Instance_State.STOPPING,
  'instance.reboot': Instance_State.REBOOTING,
};

/** What a user should see of how an instance stands. */
function stateOf({ powerState, condition, task }: RecordedInstance): Instance_State {
  const atWork = task && AT_WORK[task];
  if (atWork !== null && atWork !== undefined) return atWork;
  if (condition === 'half-made') return Instance_State.PROVISIONING;
  return powerState === null ? Instance_State.FAILED : STATES[powerState];
}

function stateReason({ powerState, condition }: RecordedInstance): string {
  if (condition === 'missing') return 'GUEST_TAKEN_AWAY';
  if (condition === 'orphan-domain') return 'NO_JOURNAL';
  return powerState === 'crashed' ? 'CRASHED' : '';
}

/** An instance as the log of revisions has it; its etag is that of a look at it. */
export function recordedMessage(recorded: Revision<RecordedInstance>, host: string): Instance {
  const { id, revision, gone, at, record } = recorded;
  const { details, generation } = record;
  if (gone) {
    const updateTime = timestampFromDate(new Date(at));
    return create(InstanceSchema, {
      name: instanceName(id),
      uid: id,
      revision: BigInt(revision),
      generation,
      state: Instance_State.DELETED,
      updateTime,
    });
  }
  const spec = recordedSpec(record);
  const { lastError, ...standing } = recordedStanding(recorded);
  return create(InstanceSchema, {
    name: instanceName(id),
    uid: id,
    displayName: details?.spec?.name ?? '',
    metadata: { ...details?.metadata },
    ...(spec && { spec }),
    etag: details
      ? etagOf({
          ...details,
          generation,
          powerState: record.powerState,
          committed: isCommitted(record),
          desired: record.desired ?? NOWHERE,
        })
      : '',
    revision: BigInt(revision),
    generation,
    ...standing,
    status: { ...statusMessage(id, record, at, host), ...(lastError && { lastError }) },
  });
}

/** What only the log knows: since when it is, what is at work on it, and what failed. */
export function recordedStanding({ id, at, record }: Revision<RecordedInstance>) {
  return {
    state: stateOf(record),
    stateReason: stateReason(record),
    reconciling: record.task !== null || record.condition === 'half-made' || !isWhereItBelongs(record),
    createTime: timestampFromDate(new Date(record.since)),
    updateTime: timestampFromDate(new Date(at)),
    ...(record.fault && { lastError: statusOf(record.fault.error, instanceName(id)) }),
  };
}

export function recordedSpec({ details }: RecordedInstance): InstanceSpec | null {
  if (!details?.spec) return null;
  const { id: _id, name: _name, ...words } = details.spec;
  return fromWords(InstanceSpecSchema, words);
}

const NOWHERE: Desired = { powerState: 'running', autodestroy: false };

const isCommitted = ({ condition }: RecordedInstance): boolean => condition === 'whole' || condition === 'missing';

function isWhereItBelongs(record: RecordedInstance): boolean {
  const { powerState, desired, generation } = record;
  return !isCommitted(record) || desired === null || isAsDesired({ powerState, memory: { generation, committed: true, desired } });
}

function statusMessage(id: string, record: RecordedInstance, at: number, host: string): MessageInitShape<typeof InstanceStatusSchema> {
  const { details, desired, powerState } = record;
  return {
    host: hostName(host),
    powerState: powerState ?? '',
    desiredPowerState: desired?.powerState ?? '',
    committed: isCommitted(record),
    autodestroy: desired?.autodestroy ?? false,
    domainName: details ? `novalet-${id}` : '',
    specHash: details?.specHash ?? '',
    requestId: details?.requestId ?? '',
    rescued: details?.rescued ?? false,
    observeTime: timestampFromDate(new Date(at)),
  };
}
