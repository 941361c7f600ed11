import { asComputeError, type ErrorKind } from '../../common/errors.js';
import { type Command, type CommandOf, generationOfSpawn, instanceIdOf, LOOKS, makesInstance } from '../../common/messages/commands.js';
import type { CommandResult, InstanceState } from '../../common/messages/results.js';
import { specHash } from '../../common/spec-hash.js';
import { bounded } from '../bounded.js';
import type { CommandWatcher } from '../command-watcher.js';
import { watchedState } from '../instances/announcer.js';
import type { InstanceRegister, RegisterChange } from '../instances/register.js';
import type { Sighting } from '../instances/sight.js';
import type { Log } from '../log.js';
import type { Driver } from '../ports.js';
import type { History } from './history.js';
import { asRemembered, asSeen, detailsOf, newlyKnown, type RecordedInstance, sorted, specShown } from './recorded-instance.js';
import { afterCommand } from './after-command.js';
import type { Revisions } from './revisions.js';

export interface RecorderOptions {
  readonly driver: Pick<Driver, 'find' | 'sight' | 'recall'>;
  readonly register: InstanceRegister;
  readonly revisions: Revisions<RecordedInstance>;
  readonly history: History;
  readonly log: Log;
}

/** Failures that say something about the command and nothing about the instance. */
const NO_FAULT: readonly ErrorKind[] = ['invalid', 'not-found', 'already-exists', 'conflict', 'cancelled'];
/** Looks at the host under way at once: commands come first. */
const AT_ONCE = 2;

/** How much has to be found out anew of an instance. */
interface Doubt {
  /** Whether it is there at all, and not only what its journal says. */
  readonly whether: boolean;
  /** What it is made of. */
  readonly details: boolean;
}

/**
 * Writes into the log of revisions how every instance of the host stands, whoever changed it: what the register comes to know, what commands
 * begin and come to, and at the start what became of things while no worker was there. Nothing of it is in anybody's way: where it has to ask
 * the host, it does so afterwards, and what it may have missed meanwhile it hears of by the next change.
 */
export class Recorder implements CommandWatcher {
  readonly #options: RecorderOptions;
  readonly #doubts = new Map<string, Doubt>();
  readonly #looking = new Set<string>();
  /** Commands in hand, by instance. */
  readonly #tasks = new Map<string, Command>();
  readonly #inFlightListeners = new Set<() => void>();
  #markReady = (): void => {};
  #ready = false;
  /** What was in doubt after the first survey, and still is; null: there was none yet. */
  #unsettled: Set<string> | null = null;
  #stopped = false;
  /** Resolves when the whole host was seen once, and the log says how it stands. */
  readonly ready = new Promise<void>((resolve) => (this.#markReady = resolve));

  /** Listens from here on: made before whatever feeds the register is started. */
  constructor(options: RecorderOptions) {
    this.#options = options;
    const { register, revisions } = options;
    for (const { id, record } of revisions.all()) if (record.task !== null) revisions.put(id, { ...record, task: null });
    register.onChange((change) => this.#registered(change));
    register.onSurvey(() => this.#onSurvey());
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** Commands that change an instance and are begun and not at their end. */
  get inFlight(): number {
    return this.#tasks.size;
  }

  /** Told when that number changes. The function given back ends it. */
  onInFlight(listener: () => void): () => void {
    this.#inFlightListeners.add(listener);
    return () => this.#inFlightListeners.delete(listener);
  }

  stop(): void {
    this.#stopped = true;
    this.#doubts.clear();
  }

  began(command: Command): void {
    const id = changes(command);
    if (id === null) return;
    this.#tasks.set(id, command);
    this.#tellInFlight();
    const known = this.#options.revisions.get(id);
    if (known) this.#put({ ...known, task: command.type });
    else if (command.type === 'instance.spawn') this.#put({ ...spawning(command), task: command.type });
  }

  ended(command: Command, result: CommandResult | null): void {
    const id = changes(command);
    if (id === null) return;
    if (this.#tasks.get(id) === command) this.#tasks.delete(id);
    this.#tellInFlight();
    this.#showTask(id);
    if (result === null) {
      this.#doubt(id, { whether: true, details: false });
      return;
    }
    const { outcome, error, instance, requestId, messageId, finishedAt } = result;
    const state = instance?.powerState;
    // A command for what is not here says nothing of anything that is, and may be anybody's guess.
    if (error?.kind !== 'not-found')
      this.#options.history.add(id, { type: command.type, at: finishedAt, outcome, state, requestId, messageId, error }, messageId);
    if (outcome === 'failed') this.#failed(command, id, result);
    else if (command.type === 'instance.destroy') this.#destroyed(id, result);
    else if (instance) this.#done(command, instance);
  }

  #tellInFlight(): void {
    for (const listener of this.#inFlightListeners) listener();
  }

  #showTask(id: string): void {
    const known = this.#options.revisions.get(id);
    if (known) this.#put({ ...known, task: this.#tasks.get(id)?.type ?? null });
  }

  #failed(command: Command, id: string, { error, requestId, finishedAt: at }: CommandResult): void {
    const known = this.#options.revisions.get(id);
    if (known && error && !NO_FAULT.includes(error.kind)) this.#put({ ...known, fault: { command: command.type, requestId, at, error } });
    this.#doubt(id, { whether: true, details: false });
  }

  #destroyed(id: string, { destroyed }: CommandResult): void {
    // It may have meant a generation before the one that is there.
    if (destroyed?.existed && !destroyed.leftovers) this.#options.revisions.remove(id);
    else this.#doubt(id, { whether: true, details: false });
  }

  #done(command: Command, { instanceId: id, powerState, generation }: InstanceState): void {
    const found = this.#options.revisions.get(id);
    const known = found?.generation === generation ? found : newlyKnown(id, generation, new Date());
    const spawned = command.type === 'instance.spawn' && known.details === null ? spawning(command).details : null;
    const changed = afterCommand({ ...known, details: known.details ?? spawned }, command);
    this.#put({ ...changed, powerState, condition: 'whole', fault: null });
    this.#doubt(id, { whether: false, details: changed.details === null });
  }

  #registered({ id, before, after, reason }: RegisterChange): void {
    const known = this.#options.revisions.get(id);
    const task = this.#tasks.has(id);
    if (after === null) {
      // What a command takes away, or has not finished, is settled by its end.
      if (!task && known) this.#doubt(id, { whether: true, details: false });
      return;
    }
    const seen = this.#seen(id, after);
    if (!seen || task) return;
    const [now, then] = [watchedState(after), before ? watchedState(before) : known && watchedOf(known)];
    if (now === null || !known || then === now || known.powerState === after.powerState) return;
    this.#options.history.add(id, {
      type: 'instance.state',
      at: new Date().toISOString(),
      state: now,
      ...(then && { previous: then }),
      ...(reason && { reason }),
    });
  }

  /** False: there is nothing that is an instance. */
  #seen(id: string, sighting: Sighting): boolean {
    const { revisions } = this.#options;
    const known = revisions.get(id);
    const record = asSeen(known, sighting, new Date());
    const task = this.#tasks.get(id)?.type ?? null;
    if (record.condition === 'orphan-directory') {
      if (known && task === null) this.#gone(id);
      return false;
    }
    this.#put({ ...record, task });
    if (record.details === null) this.#doubt(id, { whether: false, details: true });
    return true;
  }

  #gone(id: string): void {
    const { revisions, history } = this.#options;
    const known = revisions.get(id);
    if (!known) return;
    revisions.remove(id);
    const previous = watchedOf(known);
    if (previous) history.add(id, { type: 'instance.state', at: new Date().toISOString(), state: 'gone', previous });
  }

  #put(record: RecordedInstance): void {
    this.#options.revisions.put(record.id, record);
  }

  /** What the log has and the survey has not went while nobody looked, or came since the survey began. */
  #onSurvey(): void {
    const { register, revisions } = this.#options;
    for (const { id } of revisions.all()) if (!register.get(id) && !this.#tasks.has(id)) this.#doubt(id, { whether: true, details: false });
    this.#unsettled ??= new Set([...this.#doubts.keys(), ...this.#looking]);
    this.#look();
  }

  #doubt(id: string, { whether, details }: Doubt): void {
    const before = this.#doubts.get(id);
    this.#doubts.set(id, { whether: whether || (before?.whether ?? false), details: details || (before?.details ?? false) });
    this.#look();
  }

  /** One look at an id at a time, so that an older answer never comes after a newer one. */
  #look(): void {
    for (const [id, doubt] of this.#doubts) {
      if (this.#looking.size >= AT_ONCE) break;
      if (this.#looking.has(id)) continue;
      this.#doubts.delete(id);
      this.#looking.add(id);
      void this.#findOut(id, doubt).finally(() => {
        this.#looking.delete(id);
        if (!this.#doubts.has(id)) this.#unsettled?.delete(id);
        if (!this.#stopped) this.#look();
      });
    }
    if (this.#ready || this.#unsettled?.size !== 0) return;
    this.#ready = true;
    this.#markReady();
  }

  async #findOut(id: string, { whether, details }: Doubt): Promise<void> {
    const { driver, revisions, log } = this.#options;
    try {
      if (whether) {
        const sighting = await driver.sight(id);
        if (this.#stopped || this.#tasks.has(id)) return; // its end settles it
        if (sighting) this.#seen(id, sighting);
        else this.#gone(id);
      } else {
        const memory = await driver.recall(id);
        const known = revisions.get(id);
        if (this.#stopped || !known) return;
        if (memory) this.#put(asRemembered(known, memory));
      }
      if (!details || !revisions.get(id)) return;
      const found = await driver.find(id);
      const known = revisions.get(id);
      if (!this.#stopped && found && known?.generation === found.generation) this.#put({ ...known, details: detailsOf(found) });
    } catch (thrown) {
      // The hypervisor is away: everything is surveyed when it is back.
      log.debug({ instanceId: id, error: bounded(asComputeError(thrown).message) }, 'instance not looked at for its record');
    }
  }
}

/** The instance that a command changes; null: none. */
function changes(command: Command): string | null {
  if (LOOKS.has(command.type) || (command.type === 'instance.spawn' && !makesInstance(command))) return null;
  return instanceIdOf(command) ?? null;
}

function spawning(command: CommandOf<'instance.spawn'>): RecordedInstance {
  const { body, requestId } = command;
  const { instance } = body;
  const seen = { spec: specShown(instance), metadata: sorted(instance.metadata ?? {}), rescued: false };
  const details = { specHash: specHash(instance), requestId, ...seen };
  return { ...newlyKnown(instance.id, generationOfSpawn(command), new Date()), details };
}

function watchedOf({ powerState, condition }: RecordedInstance) {
  return powerState ?? (condition === 'missing' ? 'missing' : null);
}
