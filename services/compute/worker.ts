import { setTimeout as sleep } from 'node:timers/promises';
import { NO_BROKER, type BrokerPlace } from './no-broker.js';
import type { TellProgress } from './progress.js';
import { Broker, type BrokerOptions } from './amqp/broker.js';
import { commandQueues } from './amqp/command-queues.js';
import { progressMessage } from './answer-messages.js';
import type { AnswerLog } from './answer-log.js';
import type { BegunLog } from './begun-log.js';
import { bounded } from './bounded.js';
import type { CommandWatcher } from './command-watcher.js';
import type { LoadWatcher } from './load-watcher.js';
import type { Checkpoint } from './checkpoint.js';
import { QUEUE_CLASSES } from './delivery.js';
import { DrainedFile } from './drained-file.js';
import { Announcer } from './instances/announcer.js';
import type { BootRecord } from './instances/boot-record.js';
import { createInstanceMetrics } from './instances/instance-metrics.js';
import type { PowerPolicy } from './instances/power-policy.js';
import { Reconciler, type ReconcilerOptions } from './instances/reconciler.js';
import { InstanceRegister } from './instances/register.js';
import { fetchPlaces } from './lanes.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { OsloBridge, type OsloSettings } from './oslo/bridge.js';
import type { Outbox } from './outbox/outbox.js';
import type { Outgoing, Published } from './outgoing.js';
import type { Driver, Tombstones } from './ports.js';
import { Tasks } from './tasks.js';

export interface WorkerOptions {
  readonly host: string;
  /** Null: there is no broker, and commands come by another door alone. */
  readonly amqp: Pick<BrokerOptions, 'url' | 'tls' | 'declareEveryMs'> | null;
  /** Another door that wants to hear how far commands have come. */
  readonly tellProgress?: TellProgress;
  /** Told when the work queue is served again after it was not: what was given back may come again. */
  readonly onReopened?: () => void;
  /** OpenStack's door; absent: it is closed. */
  readonly oslo?: OsloSettings | undefined;
  readonly concurrency: number;
  readonly defaultDeadlineMs: number;
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether the host is drained. Default: it is not, and no restart remembers. */
  readonly drainedFile?: DrainedFile;
  /** Where answers are kept while the broker is away. Default: nowhere. */
  readonly outbox?: Outbox;
  /** Answers of earlier processes. Default: none are remembered. */
  readonly answerLog?: AnswerLog | undefined;
  /** What earlier processes died over. Default: the broker's count of returns has to do. */
  readonly begunLog?: BegunLog | undefined;
  /** For tests: awaited wherever the worker may die. */
  readonly checkpoint?: Checkpoint | undefined;
  readonly commandWatcher?: CommandWatcher | undefined;
  readonly loadWatcher?: LoadWatcher | undefined;
  /** Kept true to the host, with `reconcile`; whoever wants to hear of every change listens before. Default: one of its own. */
  readonly instances?: InstanceRegister;
  /** How it looks after the instances by itself; absent: it does not. */
  readonly reconcile?: ReconcileOptions;
  /** How long answers may wait for a broker that is away when the worker leaves: it has the commands still. Default 10 s. */
  readonly leaveAfterMs?: number;
  /** How long an answer may wait for its confirmation before it is written to the disk. Default 1 s. */
  readonly promptMs?: number;
}

export interface ReconcileOptions extends Pick<ReconcilerOptions, 'atOnce' | 'quietMs' | 'surveyEveryMs' | 'firstDelayMs'> {
  readonly policy: PowerPolicy;
  readonly boot: BootRecord;
}

const LEAVE_AFTER_MS = 10_000;
/** Control verbs mostly wait for guests: a stop in its grace must not keep a destroy from being seen. */
const CONTROL_FACTOR = 4;

/** The worker without its process: a broker on one side, a driver on the other. */
export class Worker {
  readonly #tasks: Tasks;
  readonly #broker: BrokerPlace;
  readonly #onReopened: () => void;
  readonly #bridge: OsloBridge | undefined;
  readonly #cordon: DrainedFile;
  /** The instances of this host, as far as they are known; empty without `reconcile`. */
  readonly instances: InstanceRegister;
  readonly #reconciler: Reconciler | undefined;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #leaveAfterMs: number;
  #outboxTrouble: string | null = null;
  #stopped = false;

  /** Connects and begins to consume; `started` tells when it does. */
  constructor(options: WorkerOptions) {
    const { host, amqp, concurrency, metrics, log, drainedFile = new DrainedFile(null) } = options;
    this.#log = log;
    this.instances = options.instances ?? new InstanceRegister();
    this.#metrics = metrics;
    this.#leaveAfterMs = options.leaveAfterMs ?? LEAVE_AFTER_MS;
    this.#cordon = drainedFile;
    const capacity = { work: concurrency, control: CONTROL_FACTOR * concurrency };
    this.#tasks = new Tasks({
      ...options,
      outbox: options.outbox ?? null,
      capacity,
      cordon: this.#cordon,
      publish: (message) => this.#publish(message),
      notices: (...about) => this.#bridge?.notices(...about) ?? [],
      brokerTakes: () => this.#broker.takes,
      onTrouble: (trouble) => this.#onOutboxTrouble(trouble),
      tellProgress: (command, event) => {
        metrics.progressTold.inc({ command: command.type });
        this.#broker.tell(progressMessage(command, event));
        options.tellProgress?.(command, event);
      },
    });
    const observer: BrokerOptions['observer'] = {
      connected(up) {
        metrics.amqpUp.set(up ? 1 : 0);
        if (!up) metrics.amqpReconnects.inc();
      },
      blocked: (blocked) => metrics.amqpBlocked.set(blocked ? 1 : 0),
      confirmed: (seconds) => metrics.confirmDuration.observe(seconds),
      waiting: (count) => metrics.unconfirmed.set(count),
    };
    // More than run at once: images that come slowly do not keep a spawn in the broker.
    const prefetch = { ...capacity, work: concurrency + fetchPlaces(concurrency) };
    const place = commandQueues({ host, prefetch, onDelivery: this.#tasks.take });
    this.#broker = amqp ? new Broker({ ...amqp, place, observer, log }) : NO_BROKER;
    this.#bridge = options.oslo && this.#openBridge(options, options.oslo);
    this.#onReopened = options.onReopened ?? (() => {});
    this.#cordon.onChange = () => this.#onDrained();
    if (this.#cordon.drained) this.#onDrained();
    // Published on the first session, before it consumes.
    this.#tasks.sendKept().catch((error: unknown) => log.error({ error: bounded(error) }, 'answers of an earlier run cannot be read'));
    this.#reconciler = options.reconcile && this.#lookAfterInstances(options, options.reconcile);
    this.#reconciler?.start();
  }

  /** Resolves when it consumes. @throws ComputeError precondition when the broker's queues are not as they must be */
  async started(): Promise<void> {
    await Promise.all([this.#broker.opened, this.#bridge?.opened]);
  }

  /** For the other doors. */
  get tasks(): Pick<Tasks, 'take' | 'callOff' | 'isBusy'> {
    return this.#tasks;
  }

  get consuming(): boolean {
    return this.#broker.consuming;
  }

  /** Why the broker's side cannot do its work; null when it can. */
  get brokerTrouble(): string | null {
    const bridge = this.#bridge?.trouble ?? null;
    return this.#broker.trouble ?? (bridge && `bridge to oslo.messaging: ${bridge}`);
  }

  /** Why commands are not taken although the broker is there; null when they are. */
  get commandsTrouble(): string | null {
    if (this.#outboxTrouble !== null) return `not taken: ${this.#outboxTrouble}`;
    const { drained } = this.#cordon;
    if (!drained) return null;
    const why = drained.reason === undefined ? '' : ` (${bounded(drained.reason)})`;
    return `drained since ${drained.since} by request ${drained.requestId}${why}; the control queue is served`;
  }

  /** From here on nothing is begun; `stop` is to follow. */
  halt(): void {
    this.#stopped = true;
    for (const queue of QUEUE_CLASSES) this.#tasks.halt(queue, 'the worker is stopping');
  }

  /** Stops consuming, gives back what is not begun, finishes what is, and leaves the broker. */
  async stop(): Promise<void> {
    this.halt();
    await Promise.all([this.#broker.stopConsuming(), this.#bridge?.stopConsuming()]);
    for (const queue of QUEUE_CLASSES) this.#tasks.close(queue, 'the worker is stopping');
    this.#tasks.closeAsides();
    await this.#reconciler?.stop();
    await this.#tasks.handled();
    await this.#lastAnswers();
    await Promise.all([this.#broker.close(), this.#bridge?.close()]);
  }

  /** Waits for the broker to confirm them, but not where they are on the disk: the broker is away, or slow. */
  async #lastAnswers(): Promise<void> {
    const waiting = new AbortController();
    const settled = this.#tasks.settled().then(() => 'settled');
    // What is settled is safe, too, and is to be told as settled.
    const safe = this.#tasks.safe().then(() => new Promise((resolve) => setImmediate(resolve, 'safe')));
    const late = sleep(this.#leaveAfterMs, 'late', { signal: waiting.signal }).catch(() => 'settled');
    const how = await Promise.race([settled, safe, late]);
    waiting.abort();
    if (how === 'safe') this.#log.info({}, 'left with answers on the disk: the next worker sends them');
    if (how === 'late') this.#log.warn({}, 'left with unconfirmed answers: the broker will deliver their commands again');
  }

  #onDrained(): void {
    const { drained } = this.#cordon;
    this.#metrics.drained.set(drained ? 1 : 0);
    const consumed = this.#consume();
    if (drained && !this.#stopped) void this.#tasks.drain('work', 'the host is drained', consumed);
    else if (!this.#stopped) {
      this.#tasks.reopen('work');
      this.#onReopened();
    }
    this.#log.info(drained ? { requestId: drained.requestId, reason: drained.reason } : {}, drained ? 'host drained' : 'host undrained');
  }

  #onOutboxTrouble(trouble: string | null): void {
    if (trouble === this.#outboxTrouble) return;
    this.#outboxTrouble = trouble;
    if (trouble === null) this.#log.info({}, 'answers can be kept again: commands are taken');
    void this.#consume();
  }

  async #consume(): Promise<void> {
    const safe = this.#outboxTrouble === null;
    const wanted = { work: safe && !this.#cordon.drained, control: safe };
    await Promise.all([this.#broker.consume(wanted), this.#bridge?.consume(safe)]);
  }

  /** Each answer by the broker by which its question came. One that was kept for a bridge that is closed now has nobody to go to. */
  #publish(message: Outgoing): Promise<Published> {
    if (message.door === undefined) return this.#broker.publish(message);
    return this.#bridge ? this.#bridge.publish(message) : Promise.resolve('returned');
  }

  #openBridge({ host, amqp, defaultDeadlineMs, metrics, log }: WorkerOptions, settings: OsloSettings): OsloBridge {
    const take = this.#tasks.take;
    const isDrained = (): boolean => this.#cordon.drained !== null;
    return new OsloBridge({
      ...settings,
      host,
      defaultDeadlineMs,
      take,
      isDrained,
      publishOwn: amqp && ((one) => this.#broker.publish(one)),
      metrics,
      log,
    });
  }

  #lookAfterInstances({ host, driver, metrics, log }: WorkerOptions, options: ReconcileOptions): Reconciler {
    const register = this.instances;
    const announcer = new Announcer(host, (message) => this.#broker.publish(message));
    return new Reconciler({
      ...options,
      driver,
      register,
      announcer,
      inLane: (id, work) => this.#tasks.aside(id, work),
      isBusy: (id) => this.#tasks.isBusy(id),
      metrics: createInstanceMetrics(metrics.registry, register, () => announcer.waiting),
      log,
    });
  }
}
