import { setTimeout as sleep } from 'node:timers/promises';
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
import type { Driver } from '../ports.js';
import type { RecordedInstance } from '../revisions/recorded-instance.js';
import type { Revisions } from '../revisions/revisions.js';
import type { Handlers } from './calls.js';
import { instanceFilter } from './instance-filter.js';
import type { ViewInstance } from './instance-view.js';
import { mustBeFound } from './must-be-found.js';
import { checkProject, instanceIdOf, instanceName } from './names.js';
import { masked } from './read-mask.js';
import { recordedMessage } from './recorded-message.js';

export interface InstanceReadsOptions {
  readonly host: string;
  readonly driver: Pick<Driver, 'find' | 'consoleAddress' | 'diagnostics'>;
  readonly revisions: Revisions<RecordedInstance>;
  readonly view: ViewInstance;
  /** Resolves when the log says how the whole host stands. */
  readonly ready: Promise<void>;
}

const PAGE = { usual: 100, most: 1000 };
/** No look takes longer, whatever hangs. */
const LOOK_MS = 10_000;

/**
 * What changes nothing. One instance is looked at outside of its lane: whoever looks does not wait for what is under way, and what is half made is
 * shown as that. All of them are told from the log of revisions, where a watch goes on.
 */
export function instanceReads({ host, driver, revisions, view, ready }: InstanceReadsOptions): Handlers<typeof InstanceService> {
  return {
    async getInstance({ name, readMask }) {
      const id = instanceIdOf(name);
      return masked(InstanceSchema, view(mustBeFound(await driver.find(id), id)), readMask);
    },
    async listInstances({ parent, pageSize, pageToken, filter, readMask }, { signal }) {
      checkProject(parent, 'parent', true);
      const isWanted = instanceFilter(filter);
      const [count, after] = [pageSizeOf(pageSize), tokenOf(pageToken)];
      await seen(ready, signal);
      const instances: Instance[] = [];
      let nextPageToken = '';
      for (const recorded of revisions.all()) {
        if (recorded.id <= after) continue;
        const instance = recordedMessage(recorded, host);
        if (!isWanted(instance)) continue;
        if (instances.length === count) {
          nextPageToken = instances.at(-1)?.uid ?? '';
          break;
        }
        instances.push(instance);
      }
      const shown = instances.map((instance) => masked(InstanceSchema, instance, readMask));
      return create(ListInstancesResponseSchema, { instances: shown, nextPageToken, revision: BigInt(revisions.revision) });
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

/** A list before that would leave things out. @throws ComputeError unavailable when it takes too long */
async function seen(ready: Promise<void>, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(LOOK_MS, 'late', { signal: AbortSignal.any([waiting.signal, signal]) }).catch(() => 'late');
  const how = await Promise.race([ready, late]);
  waiting.abort();
  if (how === 'late')
    throw new ComputeError(
      'unavailable',
      'the host has not been looked at since the worker started, for libvirt does not answer; list again later',
    );
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
