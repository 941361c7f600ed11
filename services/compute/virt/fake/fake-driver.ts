import { createHash } from 'node:crypto';
import { ComputeError } from '../../../common/errors.js';
import type { Diagnostics } from '../../../common/messages/diagnostics.js';
import type { PrefetchedImage } from '../../../common/messages/images.js';
import { DIAGNOSTIC_PARTS } from '../../../common/messages/diagnostics.js';
import type { DesiredPowerState, PowerState } from '../../../common/messages/power-state.js';
import type { SpawnPlan } from '../../../common/messages/spawn-plan.js';
import type { ConsoleReader, ForeignDomain, HostFacts } from '../../host-view.js';
import type { Room } from '../../claims/rooms.js';
import type { HostWatcher, Memory, Sighting, Survey } from '../../instances/sight.js';
import type { SnapshotResult, ConsoleAddress, ConsoleOutput, DestroyResult, InstanceState } from '../../../common/messages/results.js';
import { type SpecNow, withDisk, withInterface, withNewDisks, withoutDisk, withoutInterface, withSizes } from '../../instances/spec-now.js';
import type {
  Abandoned,
  AttachDiskRequest,
  AttachInterfaceRequest,
  DetachDiskRequest,
  DetachInterfaceRequest,
  ChangeRequest,
  ChangeStep,
  Driver,
  FoundInstance,
  LookRequest,
  PrefetchRequest,
  PasswordRequest,
  SnapshotRequest,
  RebuildRequest,
  RescueRequest,
  ResizeRequest,
  SpawnRequest,
  SpawnStep,
  Step,
  StepListener,
} from '../../ports.js';
import { DESTROY_STEPS, SPAWN_STEPS } from '../../ports.js';
import { refuseOtherWish } from '../../other-wish.js';
import { mustAct, type PowerRule } from '../../power-table.js';
import { type FakeInstance, FakeHost, newInstance, powerStateOf, sightingOf, stateOf } from './fake-host.js';
import { fitsLive, rebuiltSizes, resized, sameSizes } from './fake-sizes.js';
import { Hold } from './hold.js';
import { whileWanted } from '../../wanted.js';

type Point = Step | 'find' | 'survey' | 'abandon' | 'prefetch' | 'ping';

/** A step of a change, and what has happened once it is done. */
type Happening = readonly [step: ChangeStep, happens: (instance: FakeInstance) => void];

interface FakeVerb {
  readonly name: string;
  readonly rule: PowerRule;
  readonly leadsTo?: DesiredPowerState;
  readonly autodestroy?: boolean;
  readonly whileRescued?: true;
  readonly spec?: (before: SpecNow) => SpecNow;
  /** In place of the rule. */
  mustAct?(instance: FakeInstance): boolean;
  /** In a state that refuses it. */
  isSoAlready?(instance: FakeInstance): boolean;
  steps(instance: FakeInstance): readonly Happening[];
}

const becomes = (powerState: PowerState) => (instance: FakeInstance) => void (instance.powerState = powerState);

/**
 * A hypervisor in memory for tests of what stands in front of the driver. No timers: a step lasts as long as its hold, and fails when told.
 * It keeps the same contract as the real driver (test/contract/driver-contract.ts).
 */
export class FakeDriver implements Driver {
  private readonly failures = new Map<Point, Error[]>();
  private readonly holds = new Map<Point, Hold[]>();
  private readonly everyHold: Hold[] = [];
  private closed = false;
  /** For tests: awaited after each step of a change; what stops here is cut off, as by SIGKILL. */
  checkpoint: ((step: ChangeStep) => Promise<void>) | undefined;

  constructor(readonly host: FakeHost = new FakeHost()) {}

  /** The next time `step` is reached it throws `error` instead of being done. */
  failNext(step: Point, error: Error): void {
    queueOf(this.failures, step).push(error);
  }

  /** The next time `step` is reached it waits until the hold is released. */
  holdNext(step: Point): Hold {
    const hold = new Hold();
    queueOf(this.holds, step).push(hold);
    this.everyHold.push(hold);
    return hold;
  }

  /** Holds nobody any more: a test that failed before its releases ends, too. */
  letGo(): void {
    for (const hold of this.everyHold) hold.release();
  }

  /** As if an earlier attempt had been cut off right after `upTo`. */
  leaveHalfMade(request: SpawnRequest, upTo: SpawnStep): void {
    const instance = newInstance(request);
    for (const step of SPAWN_STEPS.slice(0, SPAWN_STEPS.indexOf(upTo) + 1)) instance.done.add(step);
    if (instance.done.has('define')) instance.powerState = 'shutdown';
    if (instance.done.has('start')) this.turnOn(instance, 'running');
    this.host.instances.set(request.spec.id, instance);
  }

  async find(id: string, deadline?: number): Promise<FoundInstance | null> {
    await this.reach('find', deadline);
    const instance = this.host.instances.get(id);
    if (!instance) return null;
    const { specHash, generation, requestId } = instance.request;
    const { powerState, committed, desired, metadata, spec } = instance;
    const rescued = instance.rescued ? { rescued: true as const } : {};
    return { id, specHash, generation, requestId, powerState, committed, desired, metadata, spec, ...rescued, domainName: `novalet-${id}` };
  }

  async spawn(request: SpawnRequest, onStep: StepListener = () => {}): Promise<InstanceState> {
    const { id } = request.spec;
    await this.reach('find', request.deadline); // the look that a spawn begins with
    if (this.host.foreign.has(id)) throw new ComputeError('already-exists', `spawn ${id}: a domain that is not ours holds this id`);
    const earlier = this.host.instances.get(id);
    if (earlier) refuseOtherWish(id, earlier.request, request);
    if (earlier?.committed) return stateOf(earlier, `spawn ${id}`);
    const instance = earlier ?? newInstance(request);
    try {
      for (const step of SPAWN_STEPS) {
        if (instance.done.has(step)) continue;
        request.onProgress?.({ phase: step });
        await this.reach(step, request.deadline, request.signal);
        this.host.instances.set(id, instance);
        instance.done.add(step);
        if (step === 'define') instance.powerState = 'shutdown';
        if (step === 'start') this.turnOn(instance, request.start.paused ? 'paused' : 'running');
        if (step === 'start') this.host.tell(id, 'started');
        onStep(step, 0);
      }
    } catch (error) {
      if (earlier && !request.signal?.aborted) throw error;
      this.host.instances.delete(id);
      throw tookAway(error, instance);
    }
    instance.committed = true;
    return stateOf(instance, `spawn ${id}`);
  }

  async preview(request: SpawnRequest): Promise<SpawnPlan> {
    const { spec, specHash } = request;
    await this.reach('find', request.deadline);
    const earlier = this.host.instances.get(spec.id);
    if (this.host.foreign.has(spec.id) || (earlier && earlier.request.specHash !== specHash))
      throw new ComputeError('already-exists', `spawn ${spec.id}: something else holds this id`);
    if (earlier?.committed) stateOf(earlier, `spawn ${spec.id}`);
    const disks = (spec.disks ?? []).map((_, index) => ({ name: `disk-${index}.qcow2`, format: 'qcow2' as const }));
    return { fits: true, exists: earlier !== undefined, claim: [], disks, domainXml: `<domain><uuid>${spec.id}</uuid></domain>` };
  }

  async abandon({ spec, specHash, generation, deadline }: SpawnRequest): Promise<Abandoned> {
    await this.reach('abandon', deadline);
    const found = this.host.instances.get(spec.id);
    const nothing = { cleanedUp: [], leftovers: [] };
    if (!found || found.request.specHash !== specHash || found.request.generation !== generation) return nothing;
    if (found.committed) return { instance: stateOf(found, `spawn ${spec.id}`), ...nothing };
    this.host.instances.delete(spec.id);
    return { ...nothing, cleanedUp: whatWasMade(found) };
  }

  async destroy(id: string, options: { deadline: number }, onStep: StepListener = () => {}): Promise<DestroyResult> {
    if (this.host.foreign.has(id)) throw new ComputeError('conflict', `destroy ${id}: the domain of this id is not ours`);
    const instance = this.host.instances.get(id);
    if (!instance) {
      await this.reach('find', options.deadline);
      return { instanceId: id, existed: false, removed: [] };
    }
    for (const step of DESTROY_STEPS) {
      await this.reach(step, options.deadline);
      if (step === 'stop') instance.powerState = 'shutdown';
      onStep(step, 0);
    }
    this.host.instances.delete(id);
    this.host.tell(id);
    return { instanceId: id, existed: true, removed: ['domain'] };
  }

  start(request: Parameters<Driver['start']>[0], onStep?: StepListener): Promise<InstanceState> {
    const { paused = false, forceBoot = false, autodestroy = false } = request.start;
    const leadsTo = paused ? 'paused' : 'running';
    const rule = forceBoot ? 'startAfresh' : paused ? 'startPaused' : 'start';
    return this.change(
      request,
      { name: 'start', rule, leadsTo, autodestroy, whileRescued: true, steps: () => this.starting(leadsTo) },
      onStep,
    );
  }

  stop(request: Parameters<Driver['stop']>[0], onStep?: StepListener): Promise<InstanceState> {
    const rule = request.graceMs === 0 ? 'stopAtOnce' : 'stop';
    const steps = (instance: FakeInstance) => this.stopping(instance, request.graceMs);
    return this.change(request, { name: 'stop', rule, leadsTo: 'shutdown', whileRescued: true, steps }, onStep);
  }

  reboot(request: Parameters<Driver['reboot']>[0], onStep?: StepListener): Promise<InstanceState> {
    const { key, mode, graceMs } = request;
    const rule = mode === 'soft' ? 'rebootSoft' : 'rebootHard';
    const verb: FakeVerb = {
      name: 'reboot',
      rule,
      whileRescued: true,
      leadsTo: 'running',
      mustAct(instance) {
        const { run, rebooting } = instance;
        const powerState = powerStateOf(instance, `reboot ${request.id}`);
        if (rebooting?.key === key) return powerState === 'shutdown' || run === rebooting.run;
        const act = mustAct(rule, powerState, `reboot ${request.id}`);
        instance.rebooting = { key, run };
        return act;
      },
      steps: (instance) => [...this.stopping(instance, mode === 'soft' ? graceMs : 0), ...this.starting('running')],
    };
    return this.change(request, verb, onStep);
  }

  pause(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, { name: 'pause', rule: 'pause', leadsTo: 'paused', steps: () => [['pause', becomes('paused')]] }, onStep);
  }

  unpause(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    const steps = (): Happening[] => [['unpause', becomes('running')]];
    return this.change(request, { name: 'unpause', rule: 'unpause', leadsTo: 'running', whileRescued: true, steps }, onStep);
  }

  suspend(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    const steps = (): Happening[] => [['suspend', becomes('suspended')]];
    return this.change(request, { name: 'suspend', rule: 'suspend', leadsTo: 'suspended', steps }, onStep);
  }

  resume(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, { name: 'resume', rule: 'resume', leadsTo: 'running', steps: () => this.starting('running') }, onStep);
  }

  setMetadata(request: Parameters<Driver['setMetadata']>[0], onStep?: StepListener): Promise<InstanceState> {
    const steps = (): Happening[] => [['metadata', (instance) => void (instance.metadata = request.metadata)]];
    return this.change(request, { name: 'setMetadata', rule: 'setMetadata', whileRescued: true, steps }, onStep);
  }

  resize(request: ResizeRequest, onStep?: StepListener): Promise<InstanceState> {
    const { key, mode, graceMs } = request;
    const what = `resize ${request.id}`;
    const verb: FakeVerb = {
      name: 'resize',
      spec: (before) => withSizes(before, request),
      rule: 'resize',
      mustAct: (instance) => {
        const act = mustAct('resize', powerStateOf(instance, what), what);
        const sizes = resized(instance.sizes, request);
        if (instance.powerState === 'shutdown') return act;
        if (sameSizes(sizes, instance.sizes) && instance.resizing !== key) return false;
        const live = fitsLive(instance, request) && mode !== 'cold';
        if (!live && mode === 'live') throw new ComputeError('precondition', `${what}: mode cold or auto stops the guest for it`);
        if (!live && instance.powerState === 'paused')
          throw new ComputeError('precondition', `${what}: the instance is paused, and this needs it to stop; unpause or stop it first`);
        if (!live) instance.resizing = key;
        return true;
      },
      steps: (instance) => {
        const becomesSo = (happening: FakeInstance) => void (happening.sizes = resized(happening.sizes, request));
        if (instance.powerState === 'shutdown')
          return [['redefine', becomesSo], ...(instance.resizing === key ? this.starting('running') : [])];
        if (instance.resizing !== key) return [['resizeLive', becomesSo]];
        return [['redefine', becomesSo], ...this.stopping(instance, graceMs), ...this.starting('running')];
      },
    };
    return this.change(request, verb, onStep);
  }

  rebuild(request: RebuildRequest, onStep?: StepListener): Promise<InstanceState> {
    const { key, disks, graceMs } = request;
    const swap = (instance: FakeInstance): void => {
      instance.sizes = rebuiltSizes(instance.sizes, request);
      for (const { device, image } of disks) instance.rebuilt.set(device, JSON.stringify(image ?? null));
    };
    const verb: FakeVerb = {
      name: 'rebuild',
      spec: (before) => withNewDisks(before, request),
      rule: 'rebuild',
      mustAct: (instance) =>
        instance.rebuilding?.key === key || mustAct('rebuild', powerStateOf(instance, `rebuild ${request.id}`), `rebuild ${request.id}`),
      steps: (instance) => {
        rebuiltSizes(instance.sizes, request);
        const { running } = instance.rebuilding?.key === key ? instance.rebuilding : { running: instance.powerState === 'running' };
        const made = () => void (instance.rebuilding = { key, running });
        return [
          ...(instance.rebuilding?.key === key ? [] : [['makeDisk', made] as const]),
          ...this.stopping(instance, graceMs),
          ['swapDisks', swap],
          ...(running ? this.starting('running') : []),
        ];
      },
    };
    return this.change(request, verb, onStep);
  }

  rescue(request: RescueRequest, onStep?: StepListener): Promise<InstanceState> {
    const { key, graceMs } = request;
    const what = `rescue ${request.id}`;
    const verb: FakeVerb = {
      name: 'rescue',
      rule: 'rescue',
      leadsTo: 'running',
      whileRescued: true,
      mustAct: ({ rescued, powerState }) => {
        if (rescued && rescued.key !== key) throw refusedInRescue(what);
        return rescued !== null || mustAct('rescue', powerState ?? 'shutdown', what);
      },
      steps: (instance) => {
        const former = instance.powerState === 'shutdown' ? 'shutdown' : 'running';
        const made = () => void (instance.rescued = { key, former });
        const begin: Happening[] = instance.rescued
          ? []
          : [
              ['makeDisk', made],
              ['redefine', () => {}],
            ];
        return [...begin, ...this.stopping(instance, graceMs), ...this.starting('running')];
      },
    };
    return this.change(request, verb, onStep);
  }

  unrescue(request: Parameters<Driver['unrescue']>[0], onStep?: StepListener): Promise<InstanceState> {
    const verb: FakeVerb = {
      name: 'unrescue',
      rule: 'unrescue',
      whileRescued: true,
      mustAct: ({ rescued }) => rescued !== null,
      steps: (instance) => {
        const former = instance.rescued?.former ?? 'running';
        const back = () => {
          instance.rescued = null;
          instance.desired = { ...instance.desired, powerState: former };
        };
        return [
          ...this.stopping(instance, request.graceMs),
          ['redefine', () => {}],
          ...(former === 'running' ? this.starting('running') : []),
          ['removeDisk', back],
        ];
      },
    };
    return this.change(request, verb, onStep);
  }

  attachDisk(request: AttachDiskRequest, onStep?: StepListener): Promise<InstanceState> {
    const { id, device, disk } = request;
    const steps = (instance: FakeInstance): Happening[] => {
      if (device in instance.sizes.disksMiB) throw new ComputeError('already-exists', `attachDisk ${id}: ${device} is a disk of the spawn`);
      const { sizeMiB } = request.disk;
      const has = instance.attachedMiB.get(device);
      if (instance.attached.get(device) === 'attached') {
        if (has === undefined || sizeMiB === undefined || has === sizeMiB) return [];
        throw new ComputeError('already-exists', `attachDisk ${id}: ${device} is attached already, with ${has} MiB`);
      }
      const made = (): void => {
        if (!instance.attached.has(device) && sizeMiB !== undefined) instance.attachedMiB.set(device, sizeMiB);
        instance.attached.set(device, instance.attached.get(device) ?? 'kept');
      };
      return [['makeDisk', made], ...plugging(instance, () => void instance.attached.set(device, 'attached'))];
    };
    const isSoAlready = (instance: FakeInstance) => instance.attached.get(device) === 'attached' && steps(instance).length === 0;
    const spec = (before: SpecNow) => withDisk(before, device, disk);
    return this.change(request, { name: 'attachDisk', rule: 'attach', spec, isSoAlready, steps }, onStep);
  }

  detachDisk(request: DetachDiskRequest, onStep?: StepListener): Promise<InstanceState> {
    const { id, device, remove } = request;
    const steps = (instance: FakeInstance): Happening[] => {
      if (device in instance.sizes.disksMiB) throw new ComputeError('precondition', `detachDisk ${id}: ${device} is a disk of the spawn`);
      const attached = instance.attached.get(device) === 'attached';
      const gone = (): Happening[] => [
        ['removeDisk', () => void (instance.attached.delete(device) && instance.attachedMiB.delete(device))],
      ];
      return [...(attached ? this.unplugging(instance, () => void instance.attached.set(device, 'kept')) : []), ...(remove ? gone() : [])];
    };
    const isSoAlready = (instance: FakeInstance) => {
      if (device in instance.sizes.disksMiB || instance.attached.get(device) === 'attached') return false;
      if (remove) instance.attached.delete(device);
      return true;
    };
    const spec = (before: SpecNow) => withoutDisk(before, device);
    return this.change(request, { name: 'detachDisk', rule: 'detach', spec, isSoAlready, steps }, onStep);
  }

  attachInterface(request: AttachInterfaceRequest, onStep?: StepListener): Promise<InstanceState> {
    const { mac, nic } = request;
    const steps = (instance: FakeInstance) => (instance.macs.has(mac) ? [] : plugging(instance, () => void instance.macs.add(mac)));
    const isSoAlready = ({ macs }: FakeInstance) => macs.has(mac);
    const spec = (before: SpecNow) => withInterface(before, nic, mac);
    return this.change(request, { name: 'attachInterface', rule: 'attach', spec, isSoAlready, steps }, onStep);
  }

  detachInterface(request: DetachInterfaceRequest, onStep?: StepListener): Promise<InstanceState> {
    const { mac } = request;
    const steps = (instance: FakeInstance) =>
      instance.macs.has(mac) ? this.unplugging(instance, () => void instance.macs.delete(mac)) : [];
    const isSoAlready = ({ macs }: FakeInstance) => !macs.has(mac);
    const spec = (before: SpecNow) => withoutInterface(before, mac);
    return this.change(request, { name: 'detachInterface', rule: 'detach', spec, isSoAlready, steps }, onStep);
  }

  setAdminPassword(request: PasswordRequest, onStep?: StepListener): Promise<InstanceState> {
    const does = `password of ${request.user}`;
    return this.change(request, { name: 'setAdminPassword', rule: 'setAdminPassword', steps: this.byAgent('password', does) }, onStep);
  }

  async snapshot(request: SnapshotRequest, onStep?: StepListener): Promise<SnapshotResult> {
    const { name, key, device, id, quiesce } = request;
    const steps = (instance: FakeInstance): Happening[] => {
      const owner = this.host.snapshots.get(name);
      if (owner !== undefined && owner !== key) throw new ComputeError('already-exists', `image.name: there is a file ${name} already`);
      if (!(device in instance.sizes.disksMiB)) throw new ComputeError('invalid', `disk.device: the instance has no disk ${device}`);
      if (quiesce && instance.powerState !== 'shutdown' && !this.host.agents.has(id))
        throw new ComputeError('precondition', 'the agent in the guest does not answer');
      return [['copy', () => void this.host.snapshots.set(name, key)]];
    };
    const instance = await this.change(request, { name: 'snapshot', rule: 'snapshot', steps }, onStep);
    return { instance, snapshot: { file: `/snapshots/${name}`, bytes: 0, sha256: '0'.repeat(64) } };
  }

  quiesce(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, { name: 'quiesce', rule: 'quiesce', steps: this.byAgent('quiesce', 'freeze') }, onStep);
  }

  unquiesce(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, { name: 'unquiesce', rule: 'unquiesce', steps: this.byAgent('unquiesce', 'thaw') }, onStep);
  }

  async consoleAddress(request: LookRequest): Promise<ConsoleAddress> {
    await this.reach('find', request.deadline);
    const what = `consoleAddress ${request.id}`;
    const powerState = powerStateOf(this.there(request, what), what);
    if (powerState === 'shutdown' || powerState === 'suspended')
      throw new ComputeError('precondition', `${what}: the instance is ${powerState}, and only a guest that runs has one; start it first`);
    return { serial: { path: '/dev/pts/0' } };
  }

  async console(request: LookRequest & { readonly maxBytes: number }): Promise<ConsoleOutput> {
    await this.reach('find', request.deadline);
    powerStateOf(this.there(request, `console ${request.id}`), `console ${request.id}`);
    const log = Buffer.from(this.host.consoles.get(request.id) ?? '');
    const tail = log.subarray(-request.maxBytes);
    return { text: tail.toString(), bytes: tail.length, truncated: tail.length < log.length };
  }

  async openConsole(request: LookRequest): Promise<ConsoleReader> {
    await this.reach('find', request.deadline);
    powerStateOf(this.there(request, `console ${request.id}`), `console ${request.id}`);
    const log = () => Buffer.from(this.host.consoles.get(request.id) ?? '');
    return {
      size: () => Promise.resolve(log().length),
      read: (position, maxBytes) => Promise.resolve(log().subarray(position, position + maxBytes)),
      close: () => Promise.resolve(),
    };
  }

  facts(): Promise<HostFacts> {
    return Promise.resolve({
      virtType: 'test',
      architecture: 'x86_64',
      hypervisor: 'fake 1.0.0',
      machines: [],
      firmwares: ['bios'],
      features: {},
    });
  }

  rooms(): Promise<readonly Room[] | null> {
    const instances = [...this.host.instances.values()];
    const claimed = instances.reduce((sum, { sizes }) => sum + sizes.vcpus, 0);
    return Promise.resolve([{ resource: 'vcpus', unit: 'vcpus', total: undefined, reserved: 0, claimed, settings: '' }]);
  }

  foreignDomains(): Promise<readonly ForeignDomain[]> {
    const foreign = [...this.host.foreign].sort();
    return Promise.resolve(foreign.map((id) => ({ id, name: `foreign-${id}`, powerState: 'running', suspected: null })));
  }

  async diagnostics(request: LookRequest): Promise<Diagnostics> {
    await this.reach('find', request.deadline);
    const instance = this.there(request, `diagnostics ${request.id}`);
    const powerState = powerStateOf(instance, `diagnostics ${request.id}`);
    const { vcpus, memoryMiB } = instance.sizes;
    const maximumMemoryBytes = memoryMiB * 1024 * 1024;
    return { instanceId: request.id, powerState, vcpuCount: vcpus, maximumMemoryBytes, missing: [...DIAGNOSTIC_PARTS] };
  }

  async survey(): Promise<Survey> {
    await this.reach('survey');
    const sightings = [...this.host.instances.values()].map(sightingOf);
    return { sightings, foreign: this.host.foreign.size, ofOtherWorkers: 0, strays: [], orphanImages: [] };
  }

  async sight(id: string): Promise<Sighting | null> {
    await this.reach('find');
    const instance = this.host.instances.get(id);
    return instance ? sightingOf(instance) : null;
  }

  recall(id: string): Promise<Memory | null> {
    const instance = this.host.instances.get(id);
    return Promise.resolve(instance ? sightingOf(instance).memory : null);
  }

  watch(watcher: HostWatcher): () => void {
    this.host.watchers.add(watcher);
    watcher.listening();
    return () => this.host.watchers.delete(watcher);
  }

  async prefetch({ image, deadline, signal }: PrefetchRequest): Promise<PrefetchedImage> {
    await this.reach('prefetch', deadline, signal);
    const { url, sha256 = createHash('sha256').update(url).digest('hex'), format = 'qcow2' } = image;
    const fetched = !this.host.images.has(sha256);
    this.host.images.add(sha256);
    return { sha256, format, sizeBytes: url.length, virtualSizeBytes: url.length, fetched };
  }

  async ping(): Promise<void> {
    await this.reach('ping');
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** The frame of every change: see there, act where there is something to do, note that it is done. */
  private async change(request: ChangeRequest, verb: FakeVerb, onStep: StepListener = () => {}): Promise<InstanceState> {
    const { id, key, deadline, signal } = request;
    const what = `${verb.name} ${id}`;
    await this.reach('find', deadline);
    const instance = this.there(request, what);
    const change = `${verb.name} ${key}`;
    if (instance.changes.has(change)) return stateOf(instance, what);
    if (!instance.committed) throw new ComputeError('precondition', `${what}: its spawn has not come to its end`);
    if (instance.rescued && !verb.whileRescued) throw refusedInRescue(what);
    const powerState = powerStateOf(instance, what);
    const act = mustActNow(instance, verb, powerState, what);
    const record: Happening = ['record', () => note(instance, change, verb)];
    for (const [step, happens] of [...(act ? verb.steps(instance) : []), record]) {
      request.onProgress?.({ phase: step });
      await this.reach(step, deadline, signal);
      const { powerState: before } = instance;
      happens(instance);
      if (instance.powerState !== before) this.host.tell(id);
      onStep(step, 0);
      await this.checkpoint?.(step);
    }
    return stateOf(instance, what);
  }

  private starting(powerState: 'running' | 'paused'): readonly Happening[] {
    return [
      ['start', (instance) => this.turnOn(instance, powerState)],
      ['started', () => {}],
    ];
  }

  /** The steps to off, none when it is. A deaf guest lets its grace pass, which takes no time here. */
  private stopping({ powerState, request }: FakeInstance, graceMs: number): readonly Happening[] {
    if (powerState === 'shutdown' || powerState === 'suspended') return [];
    const off = becomes('shutdown');
    if (graceMs === 0 || powerState !== 'running') return [['stop', off]];
    if (!this.host.deaf.has(request.spec.id)) return [['shutdown', off]];
    return [
      ['shutdown', () => {}],
      ['stop', off],
    ];
  }

  private unplugging(instance: FakeInstance, happens: () => void): readonly Happening[] {
    if (instance.powerState === 'shutdown') return [['redefine', happens]];
    const letGo = () => {
      if (!this.host.clinging.has(instance.request.spec.id)) return;
      throw new ComputeError('timeout', 'the guest was asked and has not let go of it');
    };
    return [
      ['detach', letGo],
      ['redefine', happens],
    ];
  }

  private byAgent(step: ChangeStep, does: string): FakeVerb['steps'] {
    const act = ({ request: { spec } }: FakeInstance) => {
      if (!this.host.agents.has(spec.id)) throw new ComputeError('precondition', 'the agent in the guest does not answer');
      this.host.agentCalls.push(does);
    };
    return () => [[step, act]];
  }

  private there({ id, generation }: LookRequest, what: string): FakeInstance {
    if (this.host.foreign.has(id))
      throw new ComputeError('conflict', `${what}: the domain of this id is not ours`, { field: 'instance.id' });
    const instance = this.host.instances.get(id);
    if (!instance) throw new ComputeError('not-found', `${what}: there is no such instance on this host`, { field: 'instance.id' });
    const { generation: found } = instance.request;
    if (generation === undefined || generation === found) return instance;
    throw new ComputeError('conflict', `${what}: the instance is of generation ${found}`, { field: 'generation' });
  }

  private turnOn(instance: FakeInstance, powerState: 'running' | 'paused'): void {
    const { id } = instance.request.spec;
    instance.powerState = powerState;
    instance.run += 1;
    this.host.starts.set(id, (this.host.starts.get(id) ?? 0) + 1);
  }

  private async reach(point: Point, deadline = Infinity, signal?: AbortSignal): Promise<void> {
    await whileWanted(signal, async () => this.holds.get(point)?.shift()?.wait());
    if (this.closed) throw new ComputeError('unavailable', 'the driver is closed');
    const failure = this.failures.get(point)?.shift();
    if (failure) throw failure;
    if (Date.now() > deadline) throw new ComputeError('timeout', `the deadline passed before the step ${point}`, { step: point });
  }
}

const refusedInRescue = (what: string): ComputeError =>
  new ComputeError('precondition', `${what}: the instance is rescued, and boots from another disk; unrescue it first`);

function plugging({ powerState }: FakeInstance, happens: () => void): readonly Happening[] {
  return [...(powerState === 'shutdown' ? [] : [['attach', () => {}] as const]), ['redefine', happens]];
}

/** What a spawn had made of it. */
function whatWasMade({ done }: FakeInstance): string[] {
  const made = { guest: 'start', domain: 'define', files: 'disks' } as const;
  return Object.entries(made).flatMap(([what, step]) => (done.has(step) ? [what] : []));
}

function tookAway(error: unknown, instance: FakeInstance): unknown {
  const cleanedUp = whatWasMade(instance);
  if (!(error instanceof ComputeError) || cleanedUp.length === 0) return error;
  return new ComputeError(error.kind, error.message, { ...error.details, cleanedUp }, { cause: error });
}

function mustActNow(instance: FakeInstance, verb: FakeVerb, powerState: PowerState, what: string): boolean {
  try {
    return verb.mustAct?.(instance) ?? mustAct(verb.rule, powerState, what);
  } catch (refusal) {
    if (verb.isSoAlready?.(instance)) return false;
    throw refusal;
  }
}

function note(instance: FakeInstance, change: string, { spec, leadsTo, autodestroy = instance.desired.autodestroy }: FakeVerb): void {
  instance.changes.add(change);
  if (spec) instance.spec = spec(instance.spec);
  instance.rebooting = null;
  instance.resizing = null;
  instance.rebuilding = null;
  if (leadsTo === instance.powerState) instance.desired = { powerState: leadsTo, autodestroy };
}

function queueOf<K, V>(queues: Map<K, V[]>, key: K): V[] {
  const queue = queues.get(key) ?? [];
  queues.set(key, queue);
  return queue;
}
