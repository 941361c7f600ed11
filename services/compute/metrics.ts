import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { COMMAND_BODIES, type CommandType } from '../common/messages/commands.js';
import { CLAIM_RESOURCES } from '../common/messages/spawn-plan.js';
import type { Room } from './claims/rooms.js';
import { imageCacheMetrics, type ImageCacheMetrics } from './images/metrics.js';
import { DEAD_LETTER_REASONS } from './dead-letter.js';

/** What the libvirt driver tells of its calls and connections. Codes are libvirt's numbers, or better their names (VIR_ERR_…, VIR_FROM_…). */
export interface LibvirtMetrics {
  /** `abandoned`: the call outlived its deadline, and its answer is no longer waited for. */
  observe(
    libvirtFunction: string,
    seconds: number,
    outcome: 'ok' | 'error' | 'abandoned',
    error?: { readonly code: number | string; readonly domain: number | string },
  ): void;
  connectionState(role: string, up: boolean): void;
  /** A call's answer is waited for from now on, or no more. Absent: nobody counts. */
  inFlight?(role: string, change: 1 | -1): void;
  /** A life-cycle event of a domain, whosever it is, by its word. */
  event?(word: LifecycleWord): void;
  /** What guests have of the host; whenever it may have changed. */
  rooms?(rooms: readonly Room[]): void;
  /** A spawn was refused for want of these. */
  refused?(resources: readonly Room['resource'][]): void;
  /** Absent: nobody counts. */
  readonly images?: ImageCacheMetrics;
}

/** libvirt's virDomainEventType, by its numbers. */
export const LIFECYCLE_WORDS = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pmsuspended',
  'crashed',
] as const;
export type LifecycleWord = (typeof LIFECYCLE_WORDS)[number];

/** A command in hand, for as long as it is. */
export interface CommandInHand {
  readonly command: string;
  readonly state: 'waiting' | 'running';
  readonly seconds: number;
}

/** The binding's pool of threads, as it stands. */
export interface PoolState {
  readonly size: number;
  readonly active: number;
  readonly queued: number;
}

/** Label value for messages whose type is none of ours: strangers do not make series. */
export const UNKNOWN_COMMAND = 'unknown';
export const commandLabel = (type: CommandType | null): string => type ?? UNKNOWN_COMMAND;
const COMMANDS = [...Object.keys(COMMAND_BODIES), UNKNOWN_COMMAND];

const COMMAND_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800];
/** 30 s is libvirt's own time-out for the lock of a domain. */
const CALL_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];

export type Metrics = ReturnType<typeof createMetrics>;

/** Everything that /metrics shows, in a registry of its own. Units are in the names; labels come from closed sets. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  // promtool: a gauge whose name ends as a counter's does.
  for (const name of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${name}_total`);

  const metrics = {
    registry,
    workerInfo: new Gauge({
      name: 'novalet_worker_info',
      help: 'This worker: always 1.',
      labelNames: ['version', 'node', 'host'],
      registers,
    }),
    osloUp: new Gauge({
      name: 'novalet_oslo_up',
      help: 'Connection to the broker of oslo.messaging: 1 when it stands. Always 0 without NOVALET_OSLO_URL.',
      registers,
    }),
    osloRequests: new Counter({
      name: 'novalet_oslo_requests_total',
      help: 'Requests by oslo.messaging, by method (unknown: none that is served) and outcome (done, failed; copy: of a publication that was taken already).',
      labelNames: ['method', 'outcome'],
      registers,
    }),
    commandDuration: new Histogram({
      name: 'novalet_command_duration_seconds',
      help: 'Time from taking a command off the queue to its confirmed answer, by outcome: done, or the kind of the error.',
      labelNames: ['command', 'outcome'],
      buckets: COMMAND_BUCKETS,
      registers,
    }),
    stepDuration: new Histogram({
      name: 'novalet_command_step_seconds',
      help: 'Time that a step of a command took.',
      labelNames: ['command', 'step'],
      buckets: CALL_BUCKETS,
      registers,
    }),
    inFlight: new Gauge({
      name: 'novalet_commands_in_flight',
      help: 'Commands whose handler runs now.',
      labelNames: ['command'],
      registers,
    }),
    queueWait: new Histogram({
      name: 'novalet_command_queue_wait_seconds',
      help: 'Time that a command waited in the worker for its instance and for a place.',
      labelNames: ['command'],
      buckets: COMMAND_BUCKETS,
      registers,
    }),
    retries: new Counter({
      name: 'novalet_command_retries_total',
      help: 'Handlers run once more after a failure that may pass.',
      labelNames: ['command', 'reason'],
      registers,
    }),
    received: new Counter({
      name: 'novalet_messages_received_total',
      help: 'Messages taken from the queues of this host.',
      labelNames: ['command'],
      registers,
    }),
    redelivered: new Counter({
      name: 'novalet_messages_redelivered_total',
      help: 'Messages that the broker had handed out before.',
      labelNames: ['command'],
      registers,
    }),
    given: new Counter({
      name: 'novalet_messages_acked_total',
      help: 'Messages given out of hand: acked; lost, when the connection was gone and a copy comes; returned, undone, to the broker.',
      labelNames: ['command', 'result'],
      registers,
    }),
    deadLettered: new Counter({
      name: 'novalet_messages_dead_lettered_total',
      help: 'Messages put on the dead-letter queue, by reason.',
      labelNames: ['command', 'reason'],
      registers,
    }),
    duplicates: new Counter({
      name: 'novalet_message_duplicates_total',
      help: 'Redelivered copies answered with the words of the first time.',
      labelNames: ['command'],
      registers,
    }),
    repliesReturned: new Counter({
      name: 'novalet_replies_returned_total',
      help: 'Replies that no queue took: the sender was gone.',
      labelNames: ['command'],
      registers,
    }),
    amqpUp: new Gauge({ name: 'novalet_amqp_connection_state', help: '1 while connected to the broker and consuming.', registers }),
    amqpBlocked: new Gauge({
      name: 'novalet_amqp_connection_blocked',
      help: '1 while the broker takes no messages from us (out of memory or disk).',
      registers,
    }),
    amqpReconnects: new Counter({ name: 'novalet_amqp_reconnects_total', help: 'Connections to the broker that were lost.', registers }),
    confirmDuration: new Histogram({
      name: 'novalet_amqp_publish_confirm_seconds',
      help: 'Time from publishing to the broker saying that it has the message for good.',
      buckets: CALL_BUCKETS,
      registers,
    }),
    unconfirmed: new Gauge({
      name: 'novalet_amqp_unconfirmed_messages',
      help: 'Messages that the broker has not confirmed yet.',
      registers,
    }),
    outboxAnswers: new Gauge({
      name: 'novalet_outbox_answers',
      help: 'Answers that are kept on the disk until the broker takes them.',
      registers,
    }),
    outboxBytes: new Gauge({ name: 'novalet_outbox_bytes', help: 'Bytes of the answers that are kept on the disk.', registers }),
    outboxTrouble: new Gauge({
      name: 'novalet_outbox_trouble',
      help: '1 while answers cannot be kept on the disk, and therefore no command is taken.',
      registers,
    }),
    drained: new Gauge({ name: 'novalet_host_drained', help: '1 while the host takes nothing from its work queue.', registers }),
    progressTold: new Counter({
      name: 'novalet_progress_events_total',
      help: 'Progress events that were published.',
      labelNames: ['command'],
      registers,
    }),
    libvirtCalls: new Histogram({
      name: 'novalet_libvirt_call_duration_seconds',
      help: 'Time of calls to libvirt, by function.',
      labelNames: ['function', 'outcome'],
      buckets: CALL_BUCKETS,
      registers,
    }),
    libvirtErrors: new Counter({
      name: 'novalet_libvirt_errors_total',
      help: 'Calls that libvirt refused, by error code and error domain.',
      labelNames: ['function', 'code', 'error_domain'],
      registers,
    }),
    claimCapacity: new Gauge({
      name: 'novalet_claims_capacity',
      help: 'What the host may promise to its guests, ratio and reserve included, by resource; the unit is in its name.',
      labelNames: ['resource'],
      registers,
    }),
    claimReserved: new Gauge({
      name: 'novalet_claims_reserved',
      help: 'What of the capacity no guest gets, by resource.',
      labelNames: ['resource'],
      registers,
    }),
    claimed: new Gauge({
      name: 'novalet_claims_claimed',
      help: 'What guests have of the capacity, those of others included, by resource.',
      labelNames: ['resource'],
      registers,
    }),
    claimsRefused: new Counter({
      name: 'novalet_claims_refused_total',
      help: 'Spawns that were refused for want of a resource.',
      labelNames: ['resource'],
      registers,
    }),
    libvirtConnection: new Gauge({
      name: 'novalet_libvirt_connection_state',
      help: '1 while the connection for this purpose is open.',
      labelNames: ['role'],
      registers,
    }),
    libvirtReconnects: new Counter({
      name: 'novalet_libvirt_reconnects_total',
      help: 'Connections to libvirt for this purpose that were opened anew.',
      labelNames: ['role'],
      registers,
    }),
    libvirtInFlight: new Gauge({
      name: 'novalet_libvirt_calls_in_flight',
      help: 'Calls to libvirt whose answer is waited for, by the purpose of their connection.',
      labelNames: ['role'],
      registers,
    }),
    libvirtEvents: new Counter({
      name: 'novalet_libvirt_events_total',
      help: 'Life-cycle events that libvirt told of, those of others’ domains included.',
      labelNames: ['event'],
      registers,
    }),
    lastLibvirtEvent: new Gauge({
      name: 'novalet_libvirt_last_event_timestamp_seconds',
      help: 'When libvirt told of an event last; 0: not yet.',
      registers,
    }),
    images: imageCacheMetrics(registry),
  };

  for (const event of LIFECYCLE_WORDS) metrics.libvirtEvents.inc({ event }, 0);
  for (const resource of CLAIM_RESOURCES) metrics.claimsRefused.inc({ resource }, 0);
  for (const command of COMMANDS) {
    for (const counter of [metrics.received, metrics.redelivered, metrics.duplicates, metrics.repliesReturned]) counter.inc({ command }, 0);
    metrics.inFlight.set({ command }, 0);
    for (const reason of DEAD_LETTER_REASONS) metrics.deadLettered.inc({ command, reason }, 0);
  }
  return metrics;
}

/** Sizes of a host's huge pages are a closed set, too. */
const roomLabel = ({ resource, pageSizeKiB }: Room): string =>
  ({ vcpus: 'vcpus', memory: 'memory_mib', disk: 'disk_mib', 'pinned-cpus': 'pinned_cpus', hugepages: `hugepages_${pageSizeKiB}kib` })[
    resource
  ];

export function libvirtMetrics({ libvirtCalls, libvirtErrors, libvirtConnection, images, ...others }: Metrics): LibvirtMetrics {
  const opened = new Set<string>();
  return {
    rooms(rooms) {
      for (const room of rooms) {
        const resource = roomLabel(room);
        if (room.total !== undefined) others.claimCapacity.set({ resource }, room.total);
        others.claimReserved.set({ resource }, room.reserved);
        others.claimed.set({ resource }, room.claimed);
      }
    },
    refused(resources) {
      for (const resource of resources) others.claimsRefused.inc({ resource });
    },
    observe(libvirtFunction, seconds, outcome, error) {
      libvirtCalls.observe({ function: libvirtFunction, outcome }, seconds);
      if (error) libvirtErrors.inc({ function: libvirtFunction, code: String(error.code), error_domain: String(error.domain) });
    },
    connectionState(role, up) {
      libvirtConnection.set({ role }, up ? 1 : 0);
      if (up && opened.has(role)) others.libvirtReconnects.inc({ role });
      if (up) opened.add(role);
    },
    inFlight: (role, change) => others.libvirtInFlight.inc({ role }, change),
    event(event) {
      others.libvirtEvents.inc({ event });
      others.lastLibvirtEvent.setToCurrentTime();
    },
    images,
  };
}

/** Shows the oldest command of each kind in hand; read at every scrape. */
export function watchCommands({ registry }: Metrics, read: () => Iterable<CommandInHand>): void {
  new Gauge({
    name: 'novalet_command_oldest_seconds',
    help: 'Age of the command that is in hand for longest: of those that wait, and of those that run.',
    labelNames: ['command', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      const oldest = new Map<string, CommandInHand>();
      for (const one of read()) {
        const key = `${one.command} ${one.state}`;
        if (one.seconds > (oldest.get(key)?.seconds ?? -1)) oldest.set(key, one);
      }
      for (const { command, state, seconds } of oldest.values()) this.set({ command, state }, seconds);
    },
  });
}

/** Shows the pool of threads that libvirt calls run on; read at every scrape. */
export function watchPool({ registry }: Metrics, read: () => PoolState): void {
  const gauge = (part: keyof PoolState, help: string): void => {
    const name = `novalet_binding_pool_${part}`;
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read()[part]);
      },
    });
  };
  gauge('size', 'Threads that run libvirt calls.');
  gauge('active', 'Threads that are in a libvirt call now.');
  gauge('queued', 'libvirt calls that wait for a thread.');
}
