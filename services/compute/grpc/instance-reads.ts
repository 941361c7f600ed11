import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ComputeError } from '../../common/errors.js';
import type { Diagnostics } from '../../common/messages/diagnostics.js';
import { InstanceSchema, type Instance } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  ConsoleAddressSchema,
  InstanceDiagnosticsSchema,
  ListInstancesResponseSchema,
  type InstanceService,
} from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { InstanceRegister } from '../instances/register.js';
import type { Driver, FoundInstance } from '../ports.js';
import type { Handlers } from './calls.js';
import { instanceFilter } from './instance-filter.js';
import { instanceMessage } from './instance-message.js';
import { checkProject, instanceIdOf, instanceName } from './names.js';
import { masked } from './read-mask.js';

export interface InstanceReadsOptions {
  readonly host: string;
  readonly driver: Pick<Driver, 'find' | 'consoleAddress' | 'diagnostics'>;
  readonly register: InstanceRegister;
}

const PAGE = { usual: 100, most: 1000 };
/** Most instances that one page looks at, also when its filter lets few through. */
const MOST_LOOKED_AT = 2000;
const AT_ONCE = 16;
/** No look takes longer, whatever hangs. */
const LOOK_MS = 10_000;

/** @throws ComputeError not-found */
export function mustBeFound(found: FoundInstance | null, id: string): FoundInstance {
  if (found) return found;
  throw new ComputeError('not-found', `there is no ${instanceName(id)} on this host`, { field: 'name' });
}

/**
 * What changes nothing. It asks the driver outside of the instance's lane: whoever looks does not wait for what is under way, and what is half
 * made is shown as that.
 */
export function instanceReads({ host, driver, register }: InstanceReadsOptions): Handlers<typeof InstanceService> {
  const look = async (id: string): Promise<Instance | null> => {
    const found = await driver.find(id);
    return found && instanceMessage(found, host, register.get(id));
  };
  return {
    async getInstance({ name, readMask }) {
      const id = instanceIdOf(name);
      const found = mustBeFound(await driver.find(id), id);
      return masked(InstanceSchema, instanceMessage(found, host, register.get(id)), readMask);
    },
    async listInstances({ parent, pageSize, pageToken, filter, readMask }, { signal }) {
      checkProject(parent, 'parent', true);
      const isWanted = instanceFilter(filter);
      const count = pageSizeOf(pageSize);
      const revision = BigInt(register.revision);
      const ids = [...register.all()].map(({ id }) => id).filter((id) => id > tokenOf(pageToken)).sort();
      const instances: Instance[] = [];
      let at = 0;
      while (at < ids.length && at < MOST_LOOKED_AT && instances.length < count && !signal.aborted) {
        const some = ids.slice(at, at + Math.min(AT_ONCE, count - instances.length));
        at += some.length;
        const found = await Promise.all(some.map(look));
        for (const instance of found) if (instance && isWanted(instance)) instances.push(masked(InstanceSchema, instance, readMask));
      }
      const nextPageToken = at < ids.length ? (ids[at - 1] ?? '') : '';
      return create(ListInstancesResponseSchema, { instances, nextPageToken, revision });
    },
    async getConsoleAddress({ name }) {
      const { vnc, serial } = await driver.consoleAddress({ id: instanceIdOf(name), deadline: Date.now() + LOOK_MS });
      return create(ConsoleAddressSchema, { ...(vnc && { vnc: present(vnc) }), ...(serial && { serial: present(serial) }) });
    },
    async getInstanceDiagnostics({ name }) {
      const id = instanceIdOf(name);
      const report = await driver.diagnostics({ id, deadline: Date.now() + LOOK_MS });
      return create(InstanceDiagnosticsSchema, { name: instanceName(id), ...diagnosticsOf(report) });
    },
  };
}

export function pageSizeOf(size: number): number {
  if (size < 0) throw new ComputeError('invalid', 'a page has at least one entry', { field: 'page_size' });
  return size === 0 ? PAGE.usual : Math.min(size, PAGE.most);
}

function tokenOf(token: string): string {
  if (token === '' || /^[0-9a-f-]{36}$/.test(token)) return token;
  throw new ComputeError('invalid', 'this is no page token that was given out', { field: 'page_token' });
}

function diagnosticsOf({ instanceId: _id, ...report }: Diagnostics): MessageInitShape<typeof InstanceDiagnosticsSchema> {
  const { powerState, missing, vcpuCount, maximumMemoryBytes, cpuSeconds, vcpus, interfaces, memory, disks } = report;
  return {
    powerState,
    missing: [...missing],
    vcpuCount,
    maximumMemoryBytes: BigInt(maximumMemoryBytes),
    ...(cpuSeconds !== undefined && { cpuSeconds }),
    vcpus: (vcpus ?? []).map(present),
    interfaces: (interfaces ?? []).map(counted),
    ...(memory && { memory: counted(memory) }),
    disks: (disks ?? []).map(counted),
  };
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };
type Counted<T> = { [K in keyof T]: Exclude<T[K], undefined> extends number ? bigint : Exclude<T[K], undefined> };

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

/** Counters of libvirt's are whole numbers of 64 bits. */
function counted<T extends object>(fields: T): Counted<T> {
  const all = Object.entries(present(fields)).map(([name, value]) => [name, typeof value === 'number' ? BigInt(Math.round(value)) : value]);
  return Object.fromEntries(all) as Counted<T>;
}
