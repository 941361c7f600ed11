import { createHash } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { DesiredPowerState, PowerState } from '../../common/messages/power-state.js';
import type { InstanceState } from '../../common/messages/results.js';
import { Instance_State as State, InstanceSchema, type Instance } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { ImageFormatSchema, InstanceSpecSchema } from '../../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import type { FoundInstance } from '../ports.js';
import { specShown } from '../revisions/recorded-instance.js';
import { canonical } from './canonical.js';
import { hostName, instanceName } from './names.js';
import { fromWords, numberOf } from './words.js';

/** What the hypervisor says, as a user should see it. `null`: it has no guest of an instance that was made whole. */
const STATES: Readonly<Record<PowerState, State>> = {
  pending: State.PROVISIONING,
  running: State.RUNNING,
  paused: State.PAUSED,
  shutdown: State.STOPPED,
  crashed: State.FAILED,
  suspended: State.SUSPENDED,
};

export function stateOf(powerState: PowerState | null, committed: boolean): State {
  if (powerState === null) return committed ? State.FAILED : State.PROVISIONING;
  return committed || powerState === 'crashed' ? STATES[powerState] : State.PROVISIONING;
}

const isReconciling = (powerState: PowerState | null, desired: DesiredPowerState, committed: boolean): boolean =>
  !committed || powerState !== desired;

/** What of an instance its etag is made of. */
type Seen = Pick<FoundInstance, 'generation' | 'specHash' | 'powerState' | 'committed' | 'desired' | 'metadata' | 'spec'> & {
  readonly rescued?: boolean;
};

/** What changes with everything that can be seen of an instance. */
export function etagOf({ generation, specHash, powerState, committed, desired, metadata, spec, rescued }: Seen): string {
  const entries = Object.entries(metadata).sort();
  const seen = JSON.stringify([
    generation,
    specHash,
    powerState,
    committed,
    desired.powerState,
    desired.autodestroy,
    entries,
    spec && canonical(spec),
    rescued === true,
  ]);
  return createHash('sha256').update(seen).digest('base64url').slice(0, 22);
}

/** Of an instance as its driver found it; of its spec without its secrets, as the log has it, too. */
export function etagOfFound(found: FoundInstance): string {
  return etagOf({ ...found, spec: found.spec && specShown(found.spec) });
}

/** An instance as its driver found it. */
export function instanceMessage(found: FoundInstance, host: string, revision = 0): Instance {
  const { id, generation, powerState, committed, desired, metadata, spec, specHash, requestId, domainName, rescued = false } = found;
  return create(InstanceSchema, {
    name: instanceName(id),
    uid: id,
    displayName: spec?.name ?? '',
    metadata: { ...metadata },
    ...(spec && { spec: specMessage(spec) }),
    etag: etagOfFound(found),
    revision: BigInt(revision),
    generation,
    state: stateOf(powerState, committed),
    reconciling: isReconciling(powerState, desired.powerState, committed),
    status: {
      host: hostName(host),
      powerState: powerState ?? '',
      desiredPowerState: desired.powerState,
      committed,
      autodestroy: desired.autodestroy,
      domainName,
      specHash,
      requestId,
      rescued,
      observeTime: timestampFromMs(Date.now()),
    },
  });
}

/** An instance as the result of a command tells it, where it is gone before anybody could look at it: what is not in there is left out. */
export function instanceOfResult(
  { instanceId, powerState, domainName, specHash, generation, images }: InstanceState,
  host: string,
): Instance {
  const init: MessageInitShape<typeof InstanceSchema> = {
    name: instanceName(instanceId),
    uid: instanceId,
    generation,
    state: STATES[powerState],
    status: {
      host: hostName(host),
      powerState,
      committed: true,
      domainName,
      specHash,
      images: (images ?? []).map(({ disk, sha256, format }) => ({ disk, sha256, format: numberOf(ImageFormatSchema, format) })),
    },
  };
  return create(InstanceSchema, init);
}

function specMessage({ id: _id, name: _name, metadata: _metadata, ...spec }: NonNullable<FoundInstance['spec']>) {
  return fromWords(InstanceSpecSchema, spec);
}
