import { setTimeout as sleep } from 'node:timers/promises';
import { Broker, type BrokerOptions } from './amqp/broker.js';
import { Announcer } from './instances/announcer.js';
import type { BootRecord } from './instances/boot-record.js';
import { createInstanceMetrics } from './instances/instance-metrics.js';
import type { PowerPolicy } from './instances/power-policy.js';
import { Reconciler, type ReconcilerOptions } from './instances/reconciler.js';
import { InstanceRegister } from './instances/register.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Driver, Tombstones } from './ports.js';
import { Tasks } from './tasks.js';

export interface WorkerOptions {
  readonly host: string;
  readonly amqp: Pick<BrokerOptions, 'url' | 'tls'>;
  readonly concurrency: number;
  readonly defaultDeadlineMs: number;
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly metrics: Metrics;
  readonly log: Log;
  /** How it looks after the instances by itself; absent: it does not. */
  readonly reconcile?: ReconcileOptions;
  /** How long answers may wait for a broker that is away when the worker leaves: it has the commands still. Default 10 s. */
  readonly leaveAfterMs?: number;
}

export interface ReconcileOptions extends Pick<ReconcilerOptions, 'atOnce' | 'quietMs' | 'surveyEveryMs' | 'firstDelayMs'> {
  readonly policy: PowerPolicy;
  readonly boot: BootRecord;
}

const LEAVE_AFTER_MS = 10_000;

/** The worker without its process: a broker on one side, a driver on the other. */
export class Worker {
  readonly #tasks: Tasks;
  readonly #broker: Broker;
  /** The instances of this host, as far as they are known; empty without `reconcile`. */
  readonly instances = new InstanceRegister();
  readonly #reconciler: Reconciler | undefined;
  readonly #log: Log;
  readonly #leaveAfterMs: number;

  /** Connects and begins to consume; `started` tells when it does. */
  constructor(options: WorkerOptions) {
    const { host, amqp, concurrency, metrics, log } = options;
    this.#log = log;
    this.#leaveAfterMs = options.leaveAfterMs ?? LEAVE_AFTER_MS;
    this.#tasks = new Tasks({ ...options, publish: (message) => this.#broker.publish(message) });
    const observer: BrokerOptions['observer'] = {
      connected(up) {
        metrics.amqpUp.set(up ? 1 : 0);
        if (!up) metrics.amqpReconnects.inc();
      },
      blocked: (blocked) => metrics.amqpBlocked.set(blocked ? 1 : 0),
      confirmed: (seconds) => metrics.confirmDuration.observe(seconds),
      waiting: (count) => metrics.unconfirmed.set(count),
    };
    const prefetch = { work: concurrency, control: concurrency };
    this.#broker = new Broker({ ...amqp, host, prefetch, onDelivery: this.#tasks.take, observer, log });
    this.#reconciler = options.reconcile && this.#lookAfterInstances(options, options.reconcile);
    this.#reconciler?.start();
  }

  /** Resolves when it consumes. @throws ComputeError precondition when the broker's queues are not as they must be */
  started(): Promise<void> {
    return this.#broker.opened;
  }

  get consuming(): boolean {
    return this.#broker.consuming;
  }

  /** Why the broker's side cannot do its work; null when it can. */
  get brokerTrouble(): string | null {
    return this.#broker.trouble;
  }

  /** Stops consuming, gives back what is not begun, finishes what is, and leaves the broker. */
  async stop(): Promise<void> {
    await this.#broker.stopConsuming();
    this.#tasks.stop();
    await this.#reconciler?.stop();
    await this.#tasks.handled();
    const waiting = new AbortController();
    const late = sleep(this.#leaveAfterMs, 'late', { signal: waiting.signal }).catch(() => 'settled');
    const how = await Promise.race([this.#tasks.settled(), late]);
    waiting.abort();
    if (how === 'late') this.#log.warn({}, 'left with unconfirmed answers: the broker will deliver their commands again');
    await this.#broker.close();
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
