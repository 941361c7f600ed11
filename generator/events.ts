/**
 * What each event's callback is told between the object and opaque. libvirt's lists know the names of the callback types but not which event
 * has which, so it is written down here; from this table come the C++ callbacks and the types of the TypeScript ones.
 */

/** How a detail comes from C: the C++ type of the parameter in bindings/src/overrides/events.cc, and its type in TypeScript. */
export const DETAIL_KINDS = {
  int: { cxx: 'int', ts: 'number' },
  uint: { cxx: 'unsigned int', ts: 'number' },
  int64: { cxx: 'long long', ts: 'Int64' },
  uint64: { cxx: 'unsigned long long', ts: 'Int64' },
  text: { cxx: 'const char*', ts: 'string' },
  textOrNull: { cxx: 'const char*', ts: 'string | null' },
  address: { cxx: 'const abi::GraphicsAddress*', ts: 'GraphicsAddress' },
  subject: { cxx: 'const abi::GraphicsSubject*', ts: 'GraphicsSubject' },
  parameters: { cxx: 'abi::TypedParameter*, int', ts: 'EventParameters' },
} as const;

export interface EventRow {
  /** The constant's name; newer libvirts have some that the installed one has not. */
  readonly name: string;
  readonly id: number;
  readonly what: string;
  readonly details: readonly (readonly [name: string, kind: keyof typeof DETAIL_KINDS])[];
}

export interface EventClass {
  /** The C++ tag of the class, and the start of the TypeScript names. */
  readonly tag: 'Domain' | 'Network' | 'StoragePool' | 'NodeDevice' | 'Secret';
  /** The C enum that numbers the events. */
  readonly enumType: string;
  readonly events: readonly EventRow[];
}

const REASON = [['reason', 'int']] as const;
const DEVICE = [['devAlias', 'text']] as const;
const LIFECYCLE = [
  ['event', 'int'],
  ['detail', 'int'],
] as const;

export const EVENTS: readonly EventClass[] = [
  {
    tag: 'Domain',
    enumType: 'virDomainEventID',
    events: [
      event(0, 'VIR_DOMAIN_EVENT_ID_LIFECYCLE', 'one of VIR_DOMAIN_EVENT_..., and of VIR_DOMAIN_EVENT_<event>_...', LIFECYCLE),
      event(1, 'VIR_DOMAIN_EVENT_ID_REBOOT', 'the guest rebooted', []),
      event(2, 'VIR_DOMAIN_EVENT_ID_RTC_CHANGE', 'the guest set its clock: seconds from UTC', [['utcoffset', 'int64']]),
      event(3, 'VIR_DOMAIN_EVENT_ID_WATCHDOG', 'the watchdog fired: VIR_DOMAIN_EVENT_WATCHDOG_...', [['action', 'int']]),
      event(4, 'VIR_DOMAIN_EVENT_ID_IO_ERROR', 'a disk failed: VIR_DOMAIN_EVENT_IO_ERROR_...', [
        ['srcPath', 'text'],
        ['devAlias', 'text'],
        ['action', 'int'],
      ]),
      event(5, 'VIR_DOMAIN_EVENT_ID_GRAPHICS', 'a viewer came or went: VIR_DOMAIN_EVENT_GRAPHICS_...', [
        ['phase', 'int'],
        ['local', 'address'],
        ['remote', 'address'],
        ['authScheme', 'text'],
        ['subject', 'subject'],
      ]),
      event(6, 'VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON', 'a disk failed, and why: VIR_DOMAIN_EVENT_IO_ERROR_...', [
        ['srcPath', 'text'],
        ['devAlias', 'text'],
        ['action', 'int'],
        ['reason', 'text'],
      ]),
      event(7, 'VIR_DOMAIN_EVENT_ID_CONTROL_ERROR', 'the hypervisor cannot be controlled any more', []),
      event(8, 'VIR_DOMAIN_EVENT_ID_BLOCK_JOB', 'a job ended or is ready; the disk by its path', blockJob()),
      event(9, 'VIR_DOMAIN_EVENT_ID_DISK_CHANGE', 'a disk got another medium', [
        ['oldSrcPath', 'textOrNull'],
        ['newSrcPath', 'textOrNull'],
        ['devAlias', 'text'],
        ['reason', 'int'],
      ]),
      event(10, 'VIR_DOMAIN_EVENT_ID_TRAY_CHANGE', 'a tray was opened or closed', [...DEVICE, ...REASON]),
      event(11, 'VIR_DOMAIN_EVENT_ID_PMWAKEUP', 'the guest woke up', REASON),
      event(12, 'VIR_DOMAIN_EVENT_ID_PMSUSPEND', 'the guest went to sleep', REASON),
      event(13, 'VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE', 'memory that the guest has now, in KiB', [['actual', 'uint64']]),
      event(14, 'VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK', 'the guest went to sleep on disk', REASON),
      event(15, 'VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED', 'a device is gone', DEVICE),
      event(16, 'VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2', 'a job ended or is ready; the disk by its target', blockJob()),
      event(17, 'VIR_DOMAIN_EVENT_ID_TUNABLE', 'values that changed: VIR_DOMAIN_TUNABLE_...', [['params', 'parameters']]),
      event(18, 'VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE', 'VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_... and _REASON_...', [
        ['state', 'int'],
        ...REASON,
      ]),
      event(19, 'VIR_DOMAIN_EVENT_ID_DEVICE_ADDED', 'a device is there', DEVICE),
      event(20, 'VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION', 'the number of the pass over the memory', [['iteration', 'int']]),
      event(21, 'VIR_DOMAIN_EVENT_ID_JOB_COMPLETED', 'the job’s statistics: VIR_DOMAIN_JOB_...', [['params', 'parameters']]),
      event(22, 'VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED', 'a device could not be removed', DEVICE),
      event(23, 'VIR_DOMAIN_EVENT_ID_METADATA_CHANGE', 'VIR_DOMAIN_METADATA_..., and the namespace of an element', [
        ['type', 'int'],
        ['nsuri', 'textOrNull'],
      ]),
      event(24, 'VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD', 'a disk was written beyond the threshold; bytes', [
        ['dev', 'text'],
        ['path', 'textOrNull'],
        ['threshold', 'uint64'],
        ['excess', 'uint64'],
      ]),
      event(
        25,
        'VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE',
        'VIR_DOMAIN_EVENT_MEMORY_FAILURE_RECIPIENT_..., _ACTION_... and VIR_DOMAIN_MEMORY_FAILURE_...',
        [
          ['recipient', 'int'],
          ['action', 'int'],
          ['flags', 'uint'],
        ],
      ),
      event(26, 'VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE', 'the memory device’s size now, in KiB', [
        ['alias', 'text'],
        ['size', 'uint64'],
      ]),
      event(27, 'VIR_DOMAIN_EVENT_ID_NIC_MAC_CHANGE', 'an interface has another MAC address', [
        ['alias', 'text'],
        ['oldMAC', 'text'],
        ['newMAC', 'text'],
      ]),
    ],
  },
  {
    tag: 'Network',
    enumType: 'virNetworkEventID',
    events: [
      event(0, 'VIR_NETWORK_EVENT_ID_LIFECYCLE', 'one of VIR_NETWORK_EVENT_...', LIFECYCLE),
      event(1, 'VIR_NETWORK_EVENT_ID_METADATA_CHANGE', 'VIR_NETWORK_METADATA_..., and the namespace of an element', [
        ['type', 'int'],
        ['nsuri', 'textOrNull'],
      ]),
    ],
  },
  {
    tag: 'StoragePool',
    enumType: 'virStoragePoolEventID',
    events: [
      event(0, 'VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE', 'one of VIR_STORAGE_POOL_EVENT_...', LIFECYCLE),
      event(1, 'VIR_STORAGE_POOL_EVENT_ID_REFRESH', 'the list of volumes was read anew', []),
    ],
  },
  {
    tag: 'NodeDevice',
    enumType: 'virNodeDeviceEventID',
    events: [
      event(0, 'VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE', 'one of VIR_NODE_DEVICE_EVENT_...', LIFECYCLE),
      event(1, 'VIR_NODE_DEVICE_EVENT_ID_UPDATE', 'the device changed', []),
    ],
  },
  {
    tag: 'Secret',
    enumType: 'virSecretEventID',
    events: [
      event(0, 'VIR_SECRET_EVENT_ID_LIFECYCLE', 'one of VIR_SECRET_EVENT_...', LIFECYCLE),
      event(1, 'VIR_SECRET_EVENT_ID_VALUE_CHANGED', 'the value changed', []),
    ],
  },
];

function event(id: number, name: string, what: string, details: EventRow['details']): EventRow {
  return { id, name, what, details };
}

function blockJob(): EventRow['details'] {
  return [
    ['disk', 'text'],
    ['type', 'int'],
    ['status', 'int'],
  ];
}
