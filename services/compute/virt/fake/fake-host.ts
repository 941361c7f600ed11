import { ComputeError } from '../../../common/errors.js';
import { againAfter } from '../../../common/messages/commands.js';
import type { UserMetadata } from '../../../common/messages/instance-spec.js';
import type { PowerState } from '../../../common/messages/power-state.js';
import type { InstanceState } from '../../../common/messages/results.js';
import type { SpecNow } from '../../instances/spec-now.js';
import type { ChangeReason, HostWatcher, Sighting } from '../../instances/sight.js';
import type { Desired, SpawnRequest, SpawnStep } from '../../ports.js';

export interface FakeSizes {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly disksMiB: Readonly<Record<string, number>>;
}

export interface FakeInstance {
  readonly request: SpawnRequest;
  /** Spawn steps whose artefact exists. */
  readonly done: Set<SpawnStep>;
  /** Null: not yet, or taken away by somebody else. */
  powerState: PowerState | null;
  committed: boolean;
  desired: Desired;
  metadata: UserMetadata;
  /** Of its wish, and of what changed since. */
  spec: SpecNow;
  /** What it has; of the disks by their names in the guest. */
  sizes: FakeSizes;
  /** Counts the starts. */
  run: number;
  /** Changes that came to their end, by verb and key. */
  readonly changes: Set<string>;
  /** The reboot that has not come to its end, and the run in which it began. */
  rebooting: { readonly key: string; readonly run: number } | null;
  /** Key of the resize that has not come to its end and began with the guest running. */
  resizing: string | null;
  /** The rebuild that was begun, and whether its guest comes back. */
  rebuilding: { readonly key: string; readonly running: boolean } | null;
  /** It boots from a rescue image, and what it did before. */
  rescued: { readonly key: string; readonly former: 'running' | 'shutdown' } | null;
  /** Images that its disks were made anew from, by device. */
  readonly rebuilt: Map<string, string>;
  /** Disks that were attached, by device; also those whose files are kept. */
  readonly attached: Map<string, 'attached' | 'kept'>;
  /** What those have that a size was given for. */
  readonly attachedMiB: Map<string, number>;
  /** Addresses of its interfaces. */
  readonly macs: Set<string>;
}

/** What outlives a driver: the pretended host. A second driver on the same host sees what the first one left. */
export class FakeHost {
  readonly instances = new Map<string, FakeInstance>();
  /** Ids of domains that somebody else made. */
  readonly foreign = new Set<string>();
  /** Digests of the images that were fetched. */
  readonly images = new Set<string>();
  /** Domains started so far, by id: two for one id is the bug class to design out. */
  readonly starts = new Map<string, number>();
  /** Ids of guests that do not hear their power button. */
  readonly deaf = new Set<string>();
  /** What guests wrote on their consoles, by id. */
  /** Ids of guests that let go of no device. */
  readonly clinging = new Set<string>();
  /** Ids of guests with an agent that answers. */
  readonly agents = new Set<string>();
  /** What agents did, in order. */
  /** Names of the files that snapshots left, with the key of the command that made them. */
  readonly snapshots = new Map<string, string>();
  readonly agentCalls: string[] = [];
  readonly consoles = new Map<string, string>();
  /** Those who listen now. */
  readonly watchers = new Set<HostWatcher>();

  /** Says how the guest stands, as a hypervisor does by an event; for tests, after they changed it behind the driver's back. */
  tell(id: string, reason: ChangeReason = 'unknown'): void {
    const powerState = this.instances.get(id)?.powerState ?? null;
    for (const watcher of this.watchers) {
      if (powerState === null) watcher.vanished(id);
      else watcher.changed(id, powerState, reason);
    }
  }
}

export function newInstance(request: SpawnRequest): FakeInstance {
  const { metadata = {} } = request.spec;
  const { paused = false, autodestroy = false } = request.start;
  const desired = { powerState: paused ? 'paused' : 'running', autodestroy } as const;
  return {
    request,
    done: new Set(),
    powerState: 'shutdown',
    committed: false,
    desired,
    metadata,
    spec: request.spec,
    sizes: sizesOf(request),
    run: 0,
    changes: new Set(),
    rebooting: null,
    resizing: null,
    rebuilding: null,
    rescued: null,
    rebuilt: new Map(),
    attached: new Map(),
    attachedMiB: new Map(),
    macs: new Set(),
  };
}

function sizesOf({ spec: { vcpus, memoryMiB, disks = [] } }: SpawnRequest): FakeSizes {
  const disksMiB = disks.map(({ sizeMiB = 1 }, i) => [`vd${String.fromCharCode('a'.charCodeAt(0) + i)}`, sizeMiB] as const);
  return { vcpus, memoryMiB, disksMiB: Object.fromEntries(disksMiB) };
}

export function stateOf(instance: FakeInstance, what: string): InstanceState {
  const { specHash, generation, spec } = instance.request;
  return { instanceId: spec.id, powerState: powerStateOf(instance, what), domainName: `novalet-${spec.id}`, specHash, generation };
}

/** @throws ComputeError precondition when there is no guest any more */
export function powerStateOf({ powerState, request }: FakeInstance, what: string): PowerState {
  if (powerState !== null) return powerState;
  const way = `destroy the instance; ${againAfter(request.generation)}`;
  throw new ComputeError('precondition', `${what}: its domain was taken away outside of novalet; ${way}`);
}

/** As a survey shows it. */
export function sightingOf({ request, powerState, committed, desired }: FakeInstance): Sighting {
  const { generation, spec } = request;
  return { id: spec.id, powerState, generation, memory: { generation, committed, desired } };
}
