import { ComputeError } from '../../../common/errors.js';
import type { DestroyResult, InstanceState, PowerState } from '../../../common/messages/results.js';
import type { Abandoned, DestroyStep, Driver, FoundInstance, SpawnRequest, SpawnStep, StepListener } from '../../ports.js';
import { DESTROY_STEPS, SPAWN_STEPS } from '../../ports.js';
import { Hold } from './hold.js';

type Point = SpawnStep | DestroyStep | 'find' | 'abandon' | 'ping';

interface FakeInstance {
  readonly request: SpawnRequest;
  /** Spawn steps whose artefact exists. */
  readonly done: Set<SpawnStep>;
  /** Null: not yet, or taken away by somebody else. */
  powerState: PowerState | null;
  committed: boolean;
}

/** What outlives a driver: the pretended host. A second driver on the same host sees what the first one left. */
export class FakeHost {
  readonly instances = new Map<string, FakeInstance>();
  /** Ids of domains that somebody else made. */
  readonly foreign = new Set<string>();
  /** Domains started so far, by id: two for one id is the bug class to design out. */
  readonly starts = new Map<string, number>();
}

/**
 * A hypervisor in memory for tests of what stands in front of the driver. No timers: a step lasts as long as its hold, and fails when told.
 * It keeps the same contract as the real driver (test/contract/driver-contract.ts).
 */
export class FakeDriver implements Driver {
  private readonly failures = new Map<Point, Error[]>();
  private readonly holds = new Map<Point, Hold[]>();
  private closed = false;

  constructor(readonly host: FakeHost = new FakeHost()) {}

  /** The next time `step` is reached it throws `error` instead of being done. */
  failNext(step: Point, error: Error): void {
    queueOf(this.failures, step).push(error);
  }

  /** The next time `step` is reached it waits until the hold is released. */
  holdNext(step: Point): Hold {
    const hold = new Hold();
    queueOf(this.holds, step).push(hold);
    return hold;
  }

  /** As if an earlier attempt had been cut off right after `upTo`. */
  leaveHalfMade(request: SpawnRequest, upTo: SpawnStep): void {
    const done = new Set(SPAWN_STEPS.slice(0, SPAWN_STEPS.indexOf(upTo) + 1));
    const powerState = done.has('start') ? 'running' : done.has('define') ? 'shutdown' : null;
    if (done.has('start')) this.countStart(request.spec.id);
    this.host.instances.set(request.spec.id, { request, done, powerState, committed: false });
  }

  async find(id: string): Promise<FoundInstance | null> {
    await this.reach('find');
    const instance = this.host.instances.get(id);
    if (!instance) return null;
    const { specHash, generation, requestId } = instance.request;
    const { powerState, committed } = instance;
    return { id, specHash, generation, requestId, powerState, committed };
  }

  async spawn(request: SpawnRequest, onStep: StepListener = () => {}): Promise<InstanceState> {
    const { id } = request.spec;
    if (this.host.foreign.has(id)) throw new ComputeError('already-exists', `spawn ${id}: a domain that is not ours holds this id`);
    const earlier = this.host.instances.get(id);
    if (earlier && earlier.request.specHash !== request.specHash) {
      throw new ComputeError('already-exists', `spawn ${id}: an instance of another spec holds this id`);
    }
    if (earlier?.committed) return stateOf(earlier);
    const instance: FakeInstance = earlier ?? { request, done: new Set<SpawnStep>(), powerState: null, committed: false };
    try {
      for (const step of SPAWN_STEPS) {
        if (instance.done.has(step)) continue;
        await this.reach(step, request.deadline);
        this.host.instances.set(id, instance);
        instance.done.add(step);
        if (step === 'define') instance.powerState = 'shutdown';
        if (step === 'start') {
          instance.powerState = request.start.paused ? 'paused' : 'running';
          this.countStart(id);
        }
        onStep(step, 0);
      }
    } catch (error) {
      if (!earlier) this.host.instances.delete(id);
      throw error;
    }
    instance.committed = true;
    return stateOf(instance);
  }

  async abandon({ spec, specHash, generation, deadline }: SpawnRequest): Promise<Abandoned> {
    await this.reach('abandon', deadline);
    const found = this.host.instances.get(spec.id);
    const nothing = { cleanedUp: [], leftovers: [] };
    if (!found || found.request.specHash !== specHash || found.request.generation !== generation) return nothing;
    if (found.committed) return { instance: stateOf(found), ...nothing };
    this.host.instances.delete(spec.id);
    const made = { guest: 'start', domain: 'define', files: 'disks' } as const;
    return { ...nothing, cleanedUp: Object.entries(made).flatMap(([what, step]) => (found.done.has(step) ? [what] : [])) };
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
    return { instanceId: id, existed: true, removed: ['domain'] };
  }

  async ping(): Promise<void> {
    await this.reach('ping');
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  private countStart(id: string): void {
    this.host.starts.set(id, (this.host.starts.get(id) ?? 0) + 1);
  }

  private async reach(point: Point, deadline = Infinity): Promise<void> {
    await this.holds.get(point)?.shift()?.wait();
    if (this.closed) throw new ComputeError('unavailable', 'the driver is closed');
    const failure = this.failures.get(point)?.shift();
    if (failure) throw failure;
    if (Date.now() > deadline) throw new ComputeError('timeout', `the deadline passed before the step ${point}`, { step: point });
  }
}

function stateOf({ request, powerState }: FakeInstance): InstanceState {
  const { specHash, generation, spec } = request;
  if (powerState === null) {
    const way = `destroy the instance, then spawn it with generation ${generation + 1}`;
    throw new ComputeError('precondition', `spawn ${spec.id}: its domain was taken away outside of novalet; ${way}`);
  }
  return { instanceId: spec.id, powerState, domainName: `novalet-${spec.id}`, specHash, generation };
}

function queueOf<K, V>(queues: Map<K, V[]>, key: K): V[] {
  const queue = queues.get(key) ?? [];
  queues.set(key, queue);
  return queue;
}
