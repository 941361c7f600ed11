import { ComputeError } from '../../../common/errors.js';
import type { DesiredPowerState, PowerState } from '../../../common/messages/power-state.js';
import { InstanceSpec } from '../../../common/messages/instance-spec.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { withoutSecrets } from '../../../common/messages/secret.js';
import type { SpecNow } from '../../instances/spec-now.js';
import type { InstanceBases } from '../../images/instance-bases.js';
import type { ChangeRequest, ChangeStep, LookRequest, Progress, StepListener } from '../../ports.js';
import type { Checkpoint } from './checkpoint.js';
import type { Claims } from './claims/claims.js';
import { timeLeft } from './deadline.js';
import { domainName } from './domain-xml.js';
import { fromFileSystem } from './file-failure.js';
import { type InstanceDirectories } from './instance-directory.js';
import { appendJournal, compactJournal, doneKey, type JournalEntry, type JournalState } from './journal.js';
import type { LifecycleEvents } from './lifecycle-events.js';
import type { Link } from './link.js';
import { readSpec } from './metadata.js';
import { type Holder, lookUp, type OwnDomain, type ReadPowerState, readSettledPowerState } from './own-domain.js';
import { syncDirectory } from './sync-directory.js';
import { timed } from './timed.js';
import { whileWanted } from '../../wanted.js';

export interface ChangeTools {
  readonly link: Link;
  readonly events: LifecycleEvents;
  readonly directories: InstanceDirectories;
  /** For questions that the guest's QEMU has to answer while another call is under way. */
  readonly stats?: Link;
  readonly bases: InstanceBases;
  /** Absent: nobody counts. */
  readonly claims?: Claims;
  readonly checkpoint?: Checkpoint;
}

/** What writes to the instance's directory comes to its end: a destroy that follows must be the last who does. */
const WRITING: readonly ChangeStep[] = ['record', 'swapDisks'];

const AFTERWARDS_MS = 5000;

/** What a verb finds when it begins. */
export interface Found {
  readonly own: OwnDomain;
  readonly journal: JournalState;
}

/** One verb of the change: what it does, and where it leads. */
export interface Verb {
  readonly name: string;
  /** Waits by default for libvirt to come to the end of whatever it is at; a verb that cuts that short must not. */
  readonly read?: ReadPowerState;
  /** Whether there is something to do. @throws ComputeError precondition */
  mustAct(found: Found): boolean;
  /** In a state that refuses it: whether it is so already, as an attempt that was cut off may have left it. Absent: no. */
  readonly isSoAlready?: (found: Found) => Promise<boolean>;
  /** Where it is refused: takes away what an attempt that was cut off has left. Absent: it leaves nothing. */
  readonly takeAway?: (found: Found) => Promise<void>;
  act(found: Found): Promise<void>;
  /** What the instance has when it is done; absent: what it had. */
  readonly spec?: (before: SpecNow) => SpecNow;
  /** Power states in which it may leave the instance; absent: any. */
  readonly leadsTo?: readonly DesiredPowerState[];
  /** It can be done to a guest that boots from a rescue image. */
  readonly whileRescued?: true;
  /** Its start ends with the worker's connection; absent: as it was. */
  readonly autodestroy?: boolean;
}

/**
 * One attempt to change an instance that is there: look, act where there is something to do, see that it came out right, note on the storage that
 * it is done. Cut off anywhere, the next attempt looks again; once noted, the same command is only reported.
 */
export class Changing {
  readonly id: string;
  readonly deadline: number;

  constructor(
    private readonly request: ChangeRequest,
    readonly tools: ChangeTools,
    private readonly onStep: StepListener,
  ) {
    this.id = request.id;
    this.deadline = request.deadline;
  }

  async run(verb: Verb): Promise<InstanceState> {
    const what = `${verb.name} ${this.id}`;
    timeLeft(this.deadline, what);
    const [holder, journal] = await Promise.all([this.lookUp(verb.read), this.journal(what)]);
    if (holder === null) refuseGone(journal, what);
    const own = there(holder, this.request, what);
    if (journal.done.has(doneKey(verb.name, this.request.key))) return this.state(own);
    refuseHalfMade(journal, what);
    const found = { own, journal };
    const after = (await mustAct(verb, found, what)) ? await this.acted(verb, found, what) : own;
    await this.record(verb, after, journal);
    return this.state(after);
  }

  /** The same with time of its own: what nobody is to have is taken away also when the deadline is past, or the change called off. */
  afterwards(): Changing {
    const { signal: _, ...request } = this.request;
    return new Changing({ ...request, deadline: Date.now() + AFTERWARDS_MS }, this.tools, this.onStep);
  }

  /** Tells how far a long step has come. */
  readonly progress = (progress: Progress): void => this.request.onProgress?.(progress);

  /** Does one step of the verb, or stops waiting for it when nobody wants it any more. */
  async step<T>(step: ChangeStep, run: () => Promise<T>): Promise<T> {
    const { signal, onProgress } = this.request;
    onProgress?.({ phase: step });
    const result = await timed(step, this.onStep, WRITING.includes(step) ? run : () => whileWanted(signal, run));
    const { checkpoint } = this.tools;
    if (checkpoint) await whileWanted(signal, () => checkpoint(step, this.id));
    return result;
  }

  /** The instance's domain as it stands now. @throws ComputeError not-found, conflict */
  async look(what: string, read?: ReadPowerState): Promise<OwnDomain> {
    // What nobody waits for any more ends here: the next guest of this id is none of its business.
    this.request.signal?.throwIfAborted();
    return there(await this.lookUp(read), this.request, what);
  }

  /** On the storage when it resolves. */
  async note(entry: JournalEntry): Promise<void> {
    this.request.signal?.throwIfAborted();
    const { directories } = this.tools;
    const directory = directories.of(this.id);
    const store = async () => {
      if (await directories.make(this.id)) await syncDirectory(directories.root); // somebody took it away
      const { stored } = await appendJournal(directory, entry);
      await stored;
      if (await compactJournal(directory)) await syncDirectory(directory);
    };
    await store().catch(fromFileSystem(`note ${this.id}`));
  }

  private async acted(verb: Verb, found: Found, what: string): Promise<OwnDomain> {
    await verb.act(found);
    const after = await this.look(what);
    const { powerState } = after;
    if (verb.leadsTo && !(verb.leadsTo as readonly PowerState[]).includes(powerState)) {
      const why = powerState === 'paused' ? 'a disk that does not answer pauses its guest' : 'somebody else works on it';
      throw new ComputeError('precondition', `${what}: done, but a moment later the instance is ${powerState}; ${why}`);
    }
    return after;
  }

  private async record(verb: Verb, { powerState, element }: OwnDomain, before: JournalState): Promise<void> {
    const { name, leadsTo, autodestroy = before.desired.autodestroy } = verb;
    const had = verb.spec && (before.spec ?? readSpec(element));
    const has = had && verb.spec ? { spec: { ...(withoutSecrets(InstanceSpec, verb.spec(had)) as SpecNow) } } : {};
    const reached = leadsTo?.find((state) => state === powerState);
    const desired = reached && { powerState: reached, autodestroy };
    const entry = {
      entry: 'done',
      verb: name,
      key: this.request.key,
      at: new Date().toISOString(),
      ...(desired && { desired }),
      ...has,
    } as const;
    await this.step('record', () => this.note(entry));
  }

  private lookUp(read: ReadPowerState = readSettledPowerState): Promise<Holder> {
    return whileWanted(this.request.signal, () => lookUp(this.tools.link, this.id, this.deadline, read));
  }

  private journal(what: string): Promise<JournalState> {
    return this.tools.directories.journal(this.id).catch(fromFileSystem(what));
  }

  private state({ powerState, marks }: OwnDomain): InstanceState {
    const { specHash, generation } = marks;
    return { instanceId: this.id, powerState, domainName: domainName(this.id), specHash, generation };
  }
}

async function mustAct(verb: Verb, found: Found, what: string): Promise<boolean> {
  const standsElsewhere = found.journal.rescued !== null && !verb.whileRescued;
  try {
    if (standsElsewhere) throw rescued(what);
    return verb.mustAct(found);
  } catch (refusal) {
    if (!standsElsewhere && (await verb.isSoAlready?.(found))) return false;
    await verb.takeAway?.(found).catch(() => {}); // the refusal is the answer, whatever comes of this
    throw refusal;
  }
}

/** @throws ComputeError not-found when nothing of the instance is there, conflict when what is there is not what was meant */
export function there(holder: Holder, { generation }: Pick<LookRequest, 'generation'>, what: string): OwnDomain {
  if (holder === null) throw new ComputeError('not-found', `${what}: there is no such instance on this host`, { field: 'instance.id' });
  if (holder === 'foreign') {
    throw new ComputeError('conflict', `${what}: the domain of this id was not made by this worker; it is left alone`, {
      field: 'instance.id',
    });
  }
  if (generation !== undefined && generation !== holder.marks.generation) {
    throw new ComputeError('conflict', `${what}: the instance is of generation ${holder.marks.generation}`, { field: 'generation' });
  }
  return holder;
}

/** @throws ComputeError precondition when there once was a guest, or will be one */
export function refuseGone({ begun, committed }: JournalState, what: string): void {
  if (begun === null) return;
  if (!committed) throw halfMade(what);
  throw new ComputeError('precondition', `${what}: its domain was taken away outside of novalet; destroy the instance, and spawn it anew`);
}

/** A domain without any journal has lost its directory, and is as whole as it will ever be. */
function refuseHalfMade({ begun, committed }: JournalState, what: string): void {
  if (begun === null || committed) return;
  throw halfMade(what);
}

export const rescued = (what: string): ComputeError =>
  new ComputeError('precondition', `${what}: the instance is rescued, and boots from another disk; unrescue it first`);

const halfMade = (what: string): ComputeError =>
  new ComputeError('precondition', `${what}: its spawn has not come to its end; send the spawn again, or destroy it`);
