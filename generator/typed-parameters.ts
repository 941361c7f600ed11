import type { ApiList } from './api-list.js';

/** How libvirt stores the value of a typed parameter. */
export type ParameterType = 'int' | 'uint' | 'llong' | 'ullong' | 'double' | 'boolean' | 'string';

/** The parameters that belong together: those of one pair of functions, or of one event. */
interface ParameterFamily {
  /** Of the generated interface and of its table. */
  readonly name: string;
  /** What begins the macros' names. */
  readonly prefix: string;
  readonly what: string;
  /** The type of those whose text does not tell; null: unknown. */
  readonly otherwise: ParameterType | null;
  /** Types by value, where the text does not tell or errs. */
  readonly types?: Readonly<Record<string, ParameterType>>;
  /** False for what is only ever read: no table is needed to write it. */
  readonly settable?: false;
}

const FAMILIES: readonly ParameterFamily[] = [
  { name: 'SchedulerParameters', prefix: 'VIR_DOMAIN_SCHEDULER_', what: 'A domain’s share of the host’s CPUs.', otherwise: null },
  { name: 'BlkioParameters', prefix: 'VIR_DOMAIN_BLKIO_', what: 'A domain’s share of the host’s block I/O.', otherwise: null },
  { name: 'MemoryParameters', prefix: 'VIR_DOMAIN_MEMORY_', what: 'Limits of a domain’s memory, in KiB.', otherwise: 'ullong' },
  { name: 'NumaParameters', prefix: 'VIR_DOMAIN_NUMA_', what: 'Where a domain’s memory comes from.', otherwise: null },
  {
    name: 'InterfaceParameters',
    prefix: 'VIR_DOMAIN_BANDWIDTH_',
    what: 'Bandwidth of a domain’s network interface, in KiB/s and KiB.',
    otherwise: 'uint',
  },
  {
    name: 'BlockIoTune',
    prefix: 'VIR_DOMAIN_BLOCK_IOTUNE_',
    what: 'Limits of a disk’s throughput, per second.',
    otherwise: 'ullong',
    types: { group_name: 'string' },
  },
  {
    name: 'BlockStatsFlags',
    prefix: 'VIR_DOMAIN_BLOCK_STATS_',
    what: 'What a disk has done: requests, bytes, and nanoseconds.',
    otherwise: 'llong',
    settable: false,
  },
  {
    name: 'DomainCPUStats',
    prefix: 'VIR_DOMAIN_CPU_STATS_',
    what: 'CPU time of a domain, in nanoseconds.',
    otherwise: 'ullong',
    settable: false,
  },
  {
    name: 'JobStatsFields',
    prefix: 'VIR_DOMAIN_JOB_',
    what: 'How far a job has come: bytes, milliseconds.',
    otherwise: 'ullong',
    types: { errmsg: 'string' },
    settable: false,
  },
  { name: 'LaunchSecurityParameters', prefix: 'VIR_DOMAIN_LAUNCH_SECURITY_', what: 'Launch security of a domain.', otherwise: 'string' },
  {
    name: 'IOThreadParameters',
    prefix: 'VIR_DOMAIN_IOTHREAD_',
    what: 'How an I/O thread polls and how many workers it has.',
    otherwise: null,
    types: { poll_max_ns: 'ullong', poll_grow: 'uint', poll_shrink: 'uint', thread_pool_min: 'int', thread_pool_max: 'int' },
  },
  {
    name: 'BlockCopyParameters',
    prefix: 'VIR_DOMAIN_BLOCK_COPY_',
    what: 'How a block copy goes.',
    otherwise: null,
    types: { bandwidth: 'ullong', granularity: 'uint', 'buf-size': 'ullong' },
  },
  {
    name: 'SaveParameters',
    prefix: 'VIR_DOMAIN_SAVE_PARAM_',
    what: 'Where and how a domain is saved or restored.',
    otherwise: 'string',
    types: { 'parallel.channels': 'int' },
  },
  {
    name: 'TunableParameters',
    prefix: 'VIR_DOMAIN_TUNABLE_',
    what: 'What a tunable event tells.',
    otherwise: null,
    settable: false,
  },
  { name: 'PerfEvents', prefix: 'VIR_PERF_PARAM_', what: 'Which perf events are counted for a domain.', otherwise: 'boolean' },
  {
    name: 'MigrateParameters',
    prefix: 'VIR_MIGRATE_PARAM_',
    what: 'How a migration goes. A name that may stand more than once takes an array.',
    otherwise: 'string',
    types: { 'compression.zlib.level': 'int', 'compression.zstd.level': 'int', 'bandwidth.avail.switchover': 'ullong' },
  },
  {
    name: 'NodeMemoryParameters',
    prefix: 'VIR_NODE_MEMORY_SHARED_',
    what: 'How the host merges pages of the same content.',
    otherwise: 'ullong',
    types: { shm_pages_to_scan: 'uint', shm_sleep_millisecs: 'uint', shm_merge_across_nodes: 'uint' },
  },
  {
    name: 'NodeMemoryStats',
    prefix: 'VIR_NODE_MEMORY_STATS_',
    what: 'Memory of the host or of one of its cells, in KiB.',
    otherwise: 'ullong',
    settable: false,
  },
  {
    name: 'NodeCPUStats',
    prefix: 'VIR_NODE_CPU_STATS_',
    what: 'CPU time of the host or of one of its CPUs, in nanoseconds.',
    otherwise: 'ullong',
    settable: false,
  },
  {
    name: 'SEVInfo',
    prefix: 'VIR_NODE_SEV_',
    what: 'What the host’s AMD SEV can do.',
    otherwise: 'uint',
    settable: false,
  },
  {
    name: 'NetworkPortParameters',
    prefix: 'VIR_NETWORK_PORT_BANDWIDTH_',
    what: 'Bandwidth of a network port, in KiB/s and KiB.',
    otherwise: 'uint',
  },
  { name: 'IdentityParameters', prefix: 'VIR_CONNECT_IDENTITY_', what: 'Whom a connection acts for.', otherwise: 'string' },
];

/** One parameter: a member of its family's interface. */
export interface PlannedParameter {
  readonly macro: string;
  /** Its name in the dictionary. */
  readonly name: string;
  /** Null where nobody tells: the runtime learns or guesses it. */
  readonly type: ParameterType | null;
  readonly info: string;
  readonly since: string | null;
  readonly file: string;
}

export interface PlannedFamily {
  readonly family: ParameterFamily;
  readonly parameters: readonly PlannedParameter[];
}

/** Every family with its parameters, by name. */
export function planParameters(lists: readonly ApiList[], families: readonly ParameterFamily[] = FAMILIES): PlannedFamily[] {
  const macros = lists.flatMap((list) => list.stringMacros);
  return families.map((family) => ({
    family,
    parameters: macros
      // A pattern such as "cputune.vcpupin%u" is no name that could be typed.
      .filter((macro) => macro.name.startsWith(family.prefix) && !macro.string.includes('%'))
      .map((macro) => ({
        macro: macro.name,
        name: macro.string,
        type: typeOf(family, macro),
        info: macro.info,
        since: macro.since,
        file: macro.file,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
  }));
}

function typeOf(family: ParameterFamily, macro: { readonly string: string; readonly info: string }): ParameterType | null {
  return family.types?.[macro.string] ?? typeInText(macro.info) ?? family.otherwise;
}

/** "as VIR_TYPED_PARAM_ULLONG", "as a ullong", "as an int containing": as libvirt's descriptions say it. */
export function typeInText(info: string): ParameterType | null {
  const macro = /\bVIR_TYPED_PARAMS?_(INT|UINT|LLONG|ULLONG|DOUBLE|BOOLEAN|STRING)\b/.exec(info)?.[1];
  if (macro !== undefined) return macro.toLowerCase() as ParameterType;
  return (/\bas an?\s+(int|uint|llong|ullong|double|boolean|string)\b/.exec(info)?.[1] as ParameterType | undefined) ?? null;
}
