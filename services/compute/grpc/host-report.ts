import { createHash } from 'node:crypto';
import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  Condition_Status,
  type ConditionSchema,
  type CordonSchema,
  type Host,
  type HostEvent,
  HostEventSchema,
  HostSchema,
  Host_SchedulingState,
  Host_State,
  type HostResourceSchema,
} from '../../common/proto/generated/novalet/compute/v1/host_pb.js';
import { Instance_State } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import type { Room } from '../claims/rooms.js';
import type { HostFacts } from '../host-view.js';
import type { InstanceRegister } from '../instances/register.js';
import { OK, type Readiness } from '../monitoring/readiness.js';
import type { Cordon, Drained, Driver } from '../ports.js';
import { version } from '../version.js';
import { powerStateAsState } from './recorded-message.js';
import { hostName } from './names.js';

export interface HostReportOptions {
  readonly host: string;
  readonly driver: Pick<Driver, 'facts' | 'rooms'>;
  readonly cordon: Cordon;
  readonly readiness: () => Promise<Readiness>;
  readonly register: InstanceRegister;
  readonly commandsInFlight: () => number;
  readonly startedAt: Date;
}

/** The hypervisor may hang; the host is told of all the same. */
const PATIENCE_MS = 2000;

/** The host as its API shows it: what it has, what it has promised, and whether it does what it is asked. */
export class HostReport {
  constructor(private readonly options: HostReportOptions) {}

  get name(): string {
    return hostName(this.options.host);
  }

  /** Without asking anybody: what changes most. Another word, and a new report is worth its while. */
  quickLook(): string {
    const { cordon, register, commandsInFlight } = this.options;
    return JSON.stringify([cordon.drained, [...register.states()], register.foreign, commandsInFlight()]);
  }

  async now(): Promise<Host> {
    const { driver, cordon, readiness, register, commandsInFlight, startedAt } = this.options;
    const [facts, rooms, ready] = await Promise.all([inTime(driver.facts()), inTime(driver.rooms()), readiness()]);
    const conditions = Object.entries(ready).map(([type, word]) => conditionOf(type, word));
    const allIsWell = Object.values(ready).every((word) => word === OK);
    const host = create(HostSchema, {
      name: this.name,
      uid: facts?.uid ?? '',
      state: allIsWell ? Host_State.READY : Host_State.NOT_READY,
      schedulingState: cordon.drained ? Host_SchedulingState.CORDONED : Host_SchedulingState.ENABLED,
      ...(cordon.drained && { cordon: cordonOf(cordon.drained) }),
      resources: rooms?.map(resourceOf) ?? [],
      versions: { novalet: version(), libvirt: facts?.libvirtVersion ?? '', hypervisor: facts?.hypervisor ?? '', kernel: release() },
      ...(facts && { capabilities: capabilitiesOf(facts) }),
      conditions,
      instanceCount: [...register.states().values()].reduce((sum, count) => sum + count, 0),
      foreignDomainCount: register.foreign,
      commandsInFlight: commandsInFlight(),
      startTime: timestampFromDate(startedAt),
    });
    host.etag = createHash('sha256').update(toBinary(HostSchema, host)).digest('base64url').slice(0, 16);
    return host;
  }

  async event(): Promise<HostEvent> {
    const counts = new Map<Instance_State, number>();
    for (const [word, count] of this.options.register.states()) {
      const state = powerStateAsState(word) ?? Instance_State.UNKNOWN;
      counts.set(state, (counts.get(state) ?? 0) + count);
    }
    const instances = [...counts].map(([state, count]) => ({ state, count }));
    return create(HostEventSchema, { host: await this.now(), instances });
  }
}

export function cordonOf({ since, requestId, reason }: Drained): MessageInitShape<typeof CordonSchema> {
  return { since: timestampFromDate(new Date(since)), requestId, reason: reason ?? '' };
}

function conditionOf(type: string, word: string): MessageInitShape<typeof ConditionSchema> {
  const isSo = word === OK;
  return { type, status: isSo ? Condition_Status.TRUE : Condition_Status.FALSE, reason: isSo ? 'OK' : 'NOT_OK', message: isSo ? '' : word };
}

function resourceOf({ resource, unit, total, reserved, claimed }: Room): MessageInitShape<typeof HostResourceSchema> {
  const known = total !== undefined && { total: BigInt(total), free: BigInt(Math.max(0, total - reserved - claimed)) };
  return { resource, unit, reserved: BigInt(reserved), claimed: BigInt(claimed), ...known };
}

function capabilitiesOf({ virtType, architecture = '', cpuModel = '', machines, firmwares, features }: HostFacts) {
  return { virtType, architecture, cpuModel, machines: [...machines], firmwares: [...firmwares], features: { ...features } };
}

/** Null: not now. */
async function inTime<T>(asked: Promise<T>): Promise<T | null> {
  const waiting = new AbortController();
  const late = sleep(PATIENCE_MS, null, { signal: waiting.signal }).catch(() => null);
  const answer = await Promise.race([asked.catch(() => null), late]);
  waiting.abort();
  return answer;
}
