import { asComputeError } from '../../common/errors.js';
import type { PowerState } from '../../common/messages/power-state.js';
import { backOffMs } from '../back-off.js';
import { bounded } from '../bounded.js';
import type { Log } from '../log.js';
import type { Driver } from '../ports.js';
import type { Announcer } from './announcer.js';
import { watchedState } from './announcer.js';
import type { BootRecord } from './boot-record.js';
import { BringingBack } from './bring-back.js';
import { type Condition, conditionOf, isAsDesired } from './condition.js';
import type { Drift, InstanceMetrics } from './instance-metrics.js';
import { bringBack, type PowerPolicy } from './power-policy.js';
import type { InstanceRegister, KnownInstance, RegisterChange } from './register.js';
import { Settling } from './settling.js';
import type { ChangeReason, HostWatcher, Sight } from './sight.js';

export interface ReconcilerOptions {
  readonly driver: Sight & Pick<Driver, 'start' | 'resume'>;
  readonly register: InstanceRegister;
  readonly announcer: Announcer;
  readonly policy: PowerPolicy;
  /** Guests that are brought back at once. */
  readonly atOnce: number;
  readonly boot: BootRecord;
  /** Runs it when nothing else runs for the instance; `wanted` is aborted when a destroy comes. Rejects when the worker stops. */
  inLane(id: string, work: (wanted: AbortSignal) => Promise<void>): Promise<void>;
  /** A command of the instance is in hand. */
  isBusy(id: string): boolean;
  readonly metrics: InstanceMetrics;
  readonly log: Log;
  /** From an event to the look that follows, in milliseconds; events come in flocks. Default 200. */
  readonly quietMs?: number;
  /** From one survey to the next, in milliseconds: the fallback for events that were lost. Default 5 minutes. */
  readonly surveyEveryMs?: number;
  /** See BringingBackOptions. */
  readonly firstDelayMs?: number;
}

const QUIET_MS = 200;
const SURVEY_EVERY_MS = 300_000;
const SURVEY_AGAIN = { firstMs: 200, maxMs: 5000 };
/** After a boot of the host: so many failures, and a guest is left and reported. */
const BOOT_TRIES = 5;

/**
 * Keeps the register true to the host, tells of every change, and does what the power policy says about instances that are not where they
 * belong. Looks and acts only in an instance's lane, so that what a command does is never mistaken for something that happened by itself.
 */
export class Reconciler implements HostWatcher {
  readonly #settling: Settling;
  readonly #bringing: BringingBack;
  /** Ids told of as missing, orphaned or not as desired; told once. */
  readonly #reported = new Map<string, string>();
  /** What events said of ids, and whether a command of theirs was in hand, until somebody has looked: a spawn is over before its instance is known. */
  readonly #heard = new Map<string, { readonly reason: ChangeReason | null; readonly inBand: boolean }>();
  /** What happened to ids that nobody knows yet, until somebody has looked whose they are. */
  readonly #doubtful = new Map<string, Drift[]>();
  /** Ids that ran when the host went down, and are still to be brought back. */
  readonly #afterBoot = new Set<string>();
  readonly #reportedCounts = new Map<string, number>();
  #bootDone: boolean;
  #surveying = false;
  #surveyAgain = false;
  #surveyed = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #unwatch = (): void => {};
  #stopped = false;
  readonly #began = performance.now();

  constructor(private readonly options: ReconcilerOptions) {
    const { driver, atOnce, metrics, log, firstDelayMs } = options;
    this.#bootDone = !options.boot.hostBooted;
    this.#settling = new Settling(options.quietMs ?? QUIET_MS, (id, look) => void this.#settle(id, look));
    this.#bringing = new BringingBack({
      driver,
      atOnce,
      inLane: (id, work) => options.inLane(id, work),
      look: (id) => this.#lookForAction(id),
      over: (id, failures) => this.#brought(id, failures),
      metrics,
      log,
      ...(firstDelayMs !== undefined && { firstDelayMs }),
    });
  }

  /** Returns at once; the first survey follows as soon as the hypervisor can be heard. */
  start(): void {
    this.options.register.onChange((change) => this.#registered(change));
    this.#unwatch = this.options.driver.watch(this);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    clearTimeout(this.#timer);
    this.#settling.stop();
    await this.#bringing.stop();
  }

  listening(): void {
    void this.#survey();
  }

  changed(...[id, powerState, reason]: Parameters<HostWatcher['changed']>): void {
    const { register } = this.options;
    const before = register.stateOf(id);
    if (register.get(id)?.powerState !== powerState) this.#drift(id, powerState);
    const why = reason === 'resumed' ? reasonOfRun(before) : reason;
    this.#heard.set(id, { reason: why, inBand: this.#isAt(id) });
    register.hear(id, powerState, why);
    this.#settling.soon(id, false);
  }

  appeared(id: string): void {
    if (!this.options.register.get(id)) this.#drift(id, 'appeared');
    this.#settling.soon(id, false);
  }

  vanished(id: string): void {
    this.#drift(id, 'vanished');
    this.#heard.set(id, { reason: null, inBand: this.#isAt(id) });
    this.#settling.soon(id, true);
  }

  /** Another worker's guests have names as ours have: what is not known is counted when a look has said that it is ours. */
  #drift(id: string, kind: Drift): void {
    if (this.#isAt(id)) return;
    if (this.options.register.get(id)) return this.#count(id, kind);
    const kinds = this.#doubtful.get(id) ?? [];
    if (!kinds.includes(kind)) this.#doubtful.set(id, [...kinds, kind]);
  }

  #count(id: string, kind: Drift): void {
    this.options.metrics.drift.inc({ kind });
    this.options.log.info({ instanceId: id, reason: kind }, 'instance changed while no command of it was in hand');
  }

  #isAt(id: string): boolean {
    return this.options.isBusy(id) || this.#bringing.isAt(id);
  }

  /** Every change of state is told, of the first survey only what is not as it should be (see #report). */
  #registered({ id, before, after, reason }: RegisterChange): void {
    if (!this.#surveyed || (before && watchedState(before)) === (after && watchedState(after))) return;
    const heard = this.#heard.get(id);
    const why = reason ?? (before === null ? (heard?.reason ?? null) : null);
    this.options.announcer.announce({ id, before, after, reason: why, inBand: heard?.inBand === true || this.#isAt(id) });
  }

  async #survey(): Promise<void> {
    this.#surveyAgain = true;
    if (this.#surveying) return;
    this.#surveying = true;
    clearTimeout(this.#timer);
    try {
      while (this.#surveyAgain && !this.#stopped) {
        this.#surveyAgain = false;
        await this.#surveyOnce();
      }
      this.#failures = 0;
    } catch (thrown) {
      this.options.log.warn({ error: bounded(asComputeError(thrown).message), attempt: ++this.#failures }, 'host not surveyed');
    } finally {
      this.#surveying = false;
    }
    if (this.#stopped) return;
    const delay = this.#failures > 0 ? backOffMs(SURVEY_AGAIN, this.#failures) : (this.options.surveyEveryMs ?? SURVEY_EVERY_MS);
    this.#timer = setTimeout(() => void this.#survey(), delay).unref();
  }

  async #surveyOnce(): Promise<void> {
    const { driver, register, metrics, log } = this.options;
    const begun = register.revision;
    const started = performance.now();
    const survey = await driver.survey();
    if (this.#stopped) return;
    const newer = register.take(survey, begun);
    metrics.surveyDuration.observe((performance.now() - started) / 1000);
    metrics.lastSurvey.setToCurrentTime();
    if (!this.#surveyed) {
      this.#surveyed = true;
      metrics.recoveryDuration.set((performance.now() - this.#began) / 1000);
      log.info({ count: register.size, durationMs: Math.round(performance.now() - this.#began) }, 'instances of the host known');
    }
    this.#reportFound(survey.strays, 'something else lies among the instances');
    this.#reportFound(survey.orphanImages, 'files of images are of no use to anybody');
    for (const id of newer) this.#settling.soon(id, true);
    for (const id of this.#reported.keys()) this.#settling.soon(id, true);
    for (const known of register.all()) if (conditionOf(known) !== 'whole' || !isAsDesired(known)) this.#settling.soon(known.id, true);
    this.#bootRecovery();
  }

  /** Once for each number of them. */
  #reportFound(found: readonly string[], phrase: string): void {
    if (found.length === (this.#reportedCounts.get(phrase) ?? 0)) return;
    this.#reportedCounts.set(phrase, found.length);
    if (found.length > 0) this.options.log.warn({ count: found.length, reason: bounded(found.join(', ')) }, phrase);
  }

  /** Once after a boot of the host: everything that ran and is off. */
  #bootRecovery(): void {
    const { boot, policy, register, log } = this.options;
    if (this.#bootDone || !boot.hostBooted) return;
    this.#bootDone = true;
    for (const known of register.all()) if (bringBack(known, policy, true)) this.#afterBoot.add(known.id);
    log.info({ count: this.#afterBoot.size, reason: policy }, 'host was booted: instances are brought back');
    if (this.#afterBoot.size === 0) boot.store();
    for (const id of this.#afterBoot) this.#bringing.bringBack(id, true);
  }

  #brought(id: string, failures: number): void {
    if (failures > 0 && failures < BOOT_TRIES && this.#afterBoot.has(id)) this.#bringing.bringBack(id, false);
    else if (this.#afterBoot.delete(id) && this.#afterBoot.size === 0) this.options.boot.store();
    this.#settling.soon(id, true);
  }

  /** Whatever was noticed of an instance, once its lane is free: where it stands, where it belongs, and what follows. */
  async #settle(id: string, begin: () => boolean): Promise<void> {
    try {
      await this.options.inLane(id, async () => {
        const { driver, register, policy } = this.options;
        const look = begin();
        const memory = look ? null : await driver.recall(id);
        if (memory?.committed && register.stateOf(id) === memory.desired.powerState) register.remember(id, memory);
        else await this.#look(id);
        this.#heard.delete(id);
        const known = register.get(id);
        if (known) for (const kind of this.#doubtful.get(id) ?? []) this.#count(id, kind);
        this.#doubtful.delete(id);
        this.#report(id, known);
        if (known && bringBack(known, policy, false)) this.#bringing.bringBack(id, false);
        else this.#bringing.forget(id);
      });
    } catch (thrown) {
      begin();
      this.#heard.delete(id);
      this.#doubtful.delete(id);
      if (!this.#stopped)
        this.options.log.debug({ instanceId: id, error: bounded(asComputeError(thrown).message) }, 'instance not looked at');
      // Either the worker stops, or the hypervisor is away: then everything is looked at when it is back.
    }
  }

  async #look(id: string): Promise<void> {
    const { driver, register } = this.options;
    const begun = register.revision;
    register.see(id, await driver.sight(id), begun);
  }

  async #lookForAction(id: string) {
    await this.#look(id);
    const known = this.options.register.get(id);
    const action = known ? bringBack(known, this.options.policy, this.#afterBoot.has(id)) : null;
    return known && action ? { action, sighting: known } : null;
  }

  /** Once for each thing that is not as it should be, and once more when it is again. */
  #report(id: string, known: KnownInstance | undefined): void {
    const trouble = known ? troubleOf(known) : null;
    const before = this.#reported.get(id) ?? null;
    if (trouble === before) return;
    if (trouble === null) this.#reported.delete(id);
    else this.#reported.set(id, trouble);
    if (!known) return;
    const isMade = known.memory?.committed === true;
    if (isMade)
      this.options.announcer.announce({ id, before: known, after: known, reason: null, inBand: false, asDesired: isAsDesired(known) });
    if (trouble === null) this.options.log.info({ instanceId: id }, 'instance is where it belongs again');
    else this.options.log.warn({ instanceId: id, reason: trouble }, 'instance is not as it should be');
  }
}

/** QEMU says of every start that its processors go on, before libvirt says that it was one. */
function reasonOfRun(before: PowerState | null): ChangeReason {
  if (before === 'suspended') return 'restored';
  return before === 'paused' || before === 'running' ? 'resumed' : 'started';
}

const ORPHANS: readonly Condition[] = ['orphan-domain', 'orphan-directory', 'half-made'];

/** What is wrong with it, in words for the log; null: nothing. */
function troubleOf(known: KnownInstance): string | null {
  const condition = conditionOf(known);
  if (ORPHANS.includes(condition)) return condition;
  if (isAsDesired(known)) return null;
  return `${known.powerState ?? 'missing'}, and belongs ${known.memory?.desired.powerState ?? 'nowhere'}`;
}
