/**
 * The functions that the generator leaves alone, and why. Every function that is not here is generated.
 * Adding one: to a group with the same reason, or to a new group.
 */

/** Written by hand in the runtime, or to be. */
export interface HandGroup {
  /** The file that has them; null for what is not written yet. */
  readonly where: string | null;
  readonly why: string;
  /** True where libvirt-python needs no hand for these; the reason says why we do. */
  readonly plainInPython?: true;
  readonly functions: readonly string[];
}

/** Offered by no JavaScript function, for good. */
export interface SkipGroup {
  readonly why: string;
  /** What libvirt-python's own check of its coverage leaves out too: it belongs to the language, not to libvirt. */
  readonly plumbing: boolean;
  readonly functions: readonly string[];
}

const OBJECT_LIST = 'an array of objects that the library allocates becomes a list';
const TUPLE = 'a structure or several out-parameters become a tuple';
const CALLBACK = 'a callback: several of JavaScript share one of C';
const PARENT = 'answered by the object itself, which knows its parent; the C function is never called';
const LAST_ERROR = 'calls run on many threads, so it is the error of the call of this environment that failed last';

export const BY_HAND: readonly HandGroup[] = [
  {
    where: 'bindings/src/overrides/connect_close.cc',
    why: 'closing also ends the event registrations and releases the handles of this connection',
    plainInPython: true,
    functions: ['virConnectClose'],
  },
  {
    where: 'bindings/src/overrides/keep_alive.cc',
    why: 'older libvirts crash when keepalive gives up a connection with two calls under way: there they are made one after the other',
    plainInPython: true,
    functions: ['virConnectSetKeepAlive'],
  },
  {
    where: 'bindings/lib/by-hand/module-functions.ts',
    why: 'the runtime has an event loop thread of its own, so there is no loop for the caller to register or to run',
    plainInPython: true,
    functions: ['virEventRegisterDefaultImpl', 'virEventRunDefaultImpl'],
  },
  {
    where: 'bindings/lib/by-hand/module-functions.ts',
    why: LAST_ERROR,
    plainInPython: true,
    functions: ['virGetLastErrorCode', 'virGetLastErrorDomain', 'virGetLastErrorMessage', 'virResetLastError'],
  },
  { where: 'bindings/lib/by-hand/virConnect.ts', why: LAST_ERROR, plainInPython: true, functions: ['virConnResetLastError'] },
  { where: 'bindings/lib/by-hand/module-functions.ts', why: LAST_ERROR, functions: ['virGetLastError'] },
  { where: 'bindings/lib/by-hand/virConnect.ts', why: LAST_ERROR, functions: ['virConnGetLastError'] },
  {
    where: 'bindings/src/overrides/open_auth.cc',
    why: 'the credentials are asked for in JavaScript while the call waits on a thread of the pool',
    functions: ['virConnectOpenAuth'],
  },
  {
    where: 'bindings/src/overrides/version.cc',
    why: 'one number or a pair, as the caller names a driver or not',
    functions: ['virGetVersion'],
  },
  {
    where: 'bindings/src/overrides/all_domain_stats.cc',
    why: 'records of typed parameters become pairs of a domain and a dictionary, packed on the thread of the call',
    functions: ['virConnectGetAllDomainStats', 'virDomainListGetStats'],
  },
  {
    where: 'bindings/src/overrides/events.cc',
    why: CALLBACK,
    functions: [
      ...['Domain', 'Network', 'StoragePool', 'NodeDevice', 'Secret'].flatMap((owner) => [
        `virConnect${owner}EventRegisterAny`,
        `virConnect${owner}EventDeregisterAny`,
      ]),
      'virConnectDomainQemuMonitorEventDeregister',
      'virConnectDomainQemuMonitorEventRegister',
    ],
  },
  {
    where: 'bindings/src/overrides/event_handles.cc',
    why: 'a callback of JavaScript’s, which has its turn before the loop tells again',
    functions: ['virEventAddHandle', 'virEventAddTimeout'],
  },
  {
    where: 'bindings/src/overrides/event_handles.cc',
    why: 'only what this environment has added may be changed, and it keeps the process meanwhile',
    plainInPython: true,
    functions: ['virEventUpdateHandle', 'virEventRemoveHandle', 'virEventUpdateTimeout', 'virEventRemoveTimeout'],
  },
  {
    where: 'bindings/src/overrides/error_handler.cc',
    why: 'libvirt’s one handler tells the handlers of all environments, later and in order',
    functions: ['virSetErrorFunc'],
  },
  {
    where: 'bindings/src/overrides/streams.cc',
    why: 'the bytes of a stream, in order, and what the negative results say',
    functions: ['virStreamRecv', 'virStreamRecvFlags', 'virStreamRecvHole', 'virStreamSend', 'virStreamSendHole'],
  },
  {
    where: 'bindings/src/overrides/streams.cc',
    why: CALLBACK,
    functions: ['virStreamEventAddCallback'],
  },
  {
    where: 'bindings/src/overrides/streams.cc',
    why: 'no stream of libvirt’s blocks: the runtime waits for those that should, and shares their one callback',
    plainInPython: true,
    functions: ['virStreamAbort', 'virStreamEventRemoveCallback', 'virStreamEventUpdateCallback', 'virStreamFinish', 'virStreamNew'],
  },
  {
    where: 'bindings/lib/by-hand/connect-events.ts',
    why: 'shares the registration for life-cycle events with domainEventRegisterAny; the C function is never called',
    functions: ['virConnectDomainEventDeregister', 'virConnectDomainEventRegister'],
  },
  {
    where: 'bindings/src/overrides/close_callback.cc',
    why: CALLBACK,
    functions: ['virConnectRegisterCloseCallback', 'virConnectUnregisterCloseCallback'],
  },
  {
    where: 'bindings/src/overrides/object_lists.cc',
    why: OBJECT_LIST,
    functions: [
      'virConnectListAllDomains',
      'virConnectListAllInterfaces',
      'virConnectListAllNWFilterBindings',
      'virConnectListAllNWFilters',
      'virConnectListAllNetworks',
      'virConnectListAllNodeDevices',
      'virConnectListAllSecrets',
      'virConnectListAllStoragePools',
      'virDomainCheckpointListAllChildren',
      'virDomainListAllCheckpoints',
      'virDomainListAllSnapshots',
      'virDomainSnapshotListAllChildren',
      'virNetworkListAllPorts',
      'virStoragePoolListAllVolumes',
    ],
  },
  {
    where: 'bindings/src/overrides/name_lists.cc',
    why: 'the caller’s array, counted first and then filled, becomes a list',
    functions: [
      'virConnectListDefinedDomains',
      'virConnectListDefinedInterfaces',
      'virConnectListDefinedNetworks',
      'virConnectListDefinedStoragePools',
      'virConnectListDomains',
      'virConnectListInterfaces',
      'virConnectListNWFilters',
      'virConnectListNetworks',
      'virConnectListSecrets',
      'virConnectListStoragePools',
      'virDomainSnapshotListChildrenNames',
      'virDomainSnapshotListNames',
      'virNodeDeviceListCaps',
      'virNodeListDevices',
      'virStoragePoolListVolumes',
    ],
  },
  {
    where: 'bindings/src/overrides/allocated_name_lists.cc',
    why: 'an array of strings that the library allocates becomes a list',
    functions: ['virConnectGetCPUModelNames', 'virDomainAuthorizedSSHKeysGet', 'virDomainGetMessages'],
  },
  {
    where: 'bindings/src/overrides/parameters_counted.cc',
    why: 'typed parameters, counted first and then filled, become a dictionary',
    functions: [
      'virDomainBlockStatsFlags',
      'virDomainGetBlkioParameters',
      'virDomainGetBlockIoTune',
      'virDomainGetInterfaceParameters',
      'virDomainGetMemoryParameters',
      'virDomainGetNumaParameters',
      'virDomainGetSchedulerParameters',
      'virDomainGetSchedulerParametersFlags',
      'virNodeGetMemoryParameters',
    ],
  },
  {
    where: 'bindings/src/overrides/parameters_allocated.cc',
    why: 'typed parameters that the library allocates become a dictionary',
    functions: [
      'virDomainGetGuestInfo',
      'virDomainGetGuestVcpus',
      'virDomainGetJobStats',
      'virDomainGetLaunchSecurityInfo',
      'virDomainGetPerfEvents',
      'virNetworkPortGetParameters',
      'virNodeGetSEVInfo',
    ],
  },
  {
    where: 'bindings/src/overrides/node_stats.cc',
    why: 'names and values, counted first and then filled, become a dictionary',
    functions: ['virNodeGetCPUStats', 'virNodeGetMemoryStats'],
  },
  {
    where: 'bindings/src/overrides/domain_cpu_stats.cc',
    why: 'typed parameters of one CPU after the other become a list of dictionaries',
    functions: ['virDomainGetCPUStats'],
  },
  {
    where: 'bindings/src/overrides/set_parameters.cc',
    why: 'a dictionary becomes typed parameters',
    functions: [
      'virConnectSetIdentity',
      'virDomainBlockCopy',
      'virDomainMigrate3',
      'virDomainMigrateToURI3',
      'virDomainRestoreParams',
      'virDomainSaveParams',
      'virDomainSetBlkioParameters',
      'virDomainSetBlockIoTune',
      'virDomainSetIOThreadParams',
      'virDomainSetInterfaceParameters',
      'virDomainSetLaunchSecurityState',
      'virDomainSetMemoryParameters',
      'virDomainSetNumaParameters',
      'virDomainSetPerfEvents',
      'virDomainSetSchedulerParameters',
      'virDomainSetSchedulerParametersFlags',
      'virNetworkPortSetParameters',
      'virNodeSetMemoryParameters',
    ],
  },
  {
    where: 'bindings/src/overrides/tuples.cc',
    why: TUPLE,
    functions: [
      'virDomainBlockStats',
      'virDomainGetBlockInfo',
      'virDomainGetControlInfo',
      'virDomainGetInfo',
      'virDomainGetJobInfo',
      'virDomainGetSchedulerType',
      'virDomainGetSecurityLabel',
      'virDomainGetSecurityLabelList',
      'virDomainGetState',
      'virDomainInterfaceStats',
      'virNodeGetInfo',
      'virNodeGetSecurityModel',
      'virStoragePoolGetInfo',
      'virStorageVolGetInfo',
      'virStorageVolGetInfoFlags',
    ],
  },
  {
    where: 'bindings/src/overrides/out_parameters.cc',
    why: 'an out-parameter becomes the result',
    functions: [
      'virConnectGetLibVersion',
      'virConnectGetVersion',
      'virDomainGetAutostart',
      'virDomainMigrateGetCompressionCache',
      'virDomainMigrateGetMaxDowntime',
      'virDomainMigrateGetMaxSpeed',
      'virNetworkGetAutostart',
      'virNodeDeviceGetAutostart',
      'virStoragePoolGetAutostart',
    ],
  },
  {
    where: 'bindings/src/overrides/dictionaries.cc',
    why: 'a structure becomes a dictionary',
    functions: ['virDomainGetBlockJobInfo', 'virDomainGetDiskErrors', 'virDomainGetTime', 'virDomainMemoryStats'],
  },
  {
    where: 'bindings/src/overrides/structure_lists.cc',
    why: 'an array of structures that the library allocates becomes a list or a dictionary',
    functions: ['virDomainGetFSInfo', 'virDomainInterfaceAddresses', 'virNetworkGetDHCPLeases'],
  },
  {
    where: 'bindings/src/overrides/cpu_maps.cc',
    why: 'a map of CPUs becomes a list of booleans, or the other way round',
    functions: [
      'virDomainGetEmulatorPinInfo',
      'virDomainGetIOThreadInfo',
      'virDomainGetVcpuPinInfo',
      'virDomainGetVcpus',
      'virDomainPinEmulator',
      'virDomainPinIOThread',
      'virDomainPinVcpu',
      'virDomainPinVcpuFlags',
      'virNodeGetCPUMap',
    ],
  },
  {
    where: 'bindings/src/overrides/lookup_by_uuid.cc',
    why: '16 bytes go in',
    functions: [
      'virDomainLookupByUUID',
      'virNWFilterLookupByUUID',
      'virNetworkLookupByUUID',
      'virNetworkPortLookupByUUID',
      'virSecretLookupByUUID',
      'virStoragePoolLookupByUUID',
    ],
  },
  {
    where: 'bindings/src/overrides/bytes.cc',
    why: 'bytes of a given length go in or come out',
    functions: ['virDomainBlockPeek', 'virDomainMemoryPeek', 'virSecretGetValue', 'virSecretSetValue'],
  },
  {
    where: 'bindings/src/overrides/lists_in.cc',
    why: 'a list or a dictionary of the caller becomes a C array or plain arguments',
    functions: [
      'virConnectBaselineCPU',
      'virConnectBaselineHypervisorCPU',
      'virDomainAuthorizedSSHKeysSet',
      'virDomainFSFreeze',
      'virDomainFSThaw',
      'virDomainRevertToSnapshot',
      'virDomainSendKey',
      'virDomainSetTime',
    ],
  },
  {
    where: 'bindings/src/overrides/node_memory.cc',
    why: 'dictionaries and lists of sizes and counts become C arrays, or the other way round',
    functions: ['virNodeAllocPages', 'virNodeGetCellsFreeMemory', 'virNodeGetFreePages'],
  },
  {
    where: 'bindings/src/overrides/file_descriptors.cc',
    why: 'file descriptors of the caller go in, or come out and are the caller’s to close',
    functions: ['virDomainCreateWithFiles', 'virDomainCreateXMLWithFiles', 'virDomainFDAssociate', 'virDomainLxcOpenNamespace'],
  },
  {
    where: 'bindings/src/overrides/qemu_commands.cc',
    why: 'the answer comes by an out-parameter, or as the result, by the function',
    functions: ['virDomainQemuAgentCommand', 'virDomainQemuMonitorCommand', 'virDomainQemuMonitorCommandWithFiles'],
  },
  {
    where: 'bindings/src/overrides/uuid.cc',
    why: 'the caller’s buffer of 16 bytes, or 37 characters, becomes the result',
    functions: ['virDomain', 'virNetwork', 'virNetworkPort', 'virNWFilter', 'virSecret', 'virStoragePool'].flatMap((owner) => [
      `${owner}GetUUID`,
      `${owner}GetUUIDString`,
    ]),
  },
  ...(['virDomain', 'virInterface', 'virNetwork', 'virSecret', 'virStoragePool', 'virStorageVol'] as const).map((owner) => ({
    where: `bindings/lib/by-hand/${owner}.ts`,
    why: PARENT,
    functions: [`${owner}GetConnect`],
  })),
  ...(['virDomainCheckpoint', 'virDomainSnapshot'] as const).map((owner) => ({
    where: `bindings/lib/by-hand/${owner}.ts`,
    why: PARENT,
    functions: [`${owner}GetConnect`, `${owner}GetDomain`],
  })),
  {
    where: 'bindings/lib/by-hand/virNetworkPort.ts',
    why: PARENT,
    functions: ['virNetworkPortGetNetwork'],
  },

  {
    where: 'bindings/lib/by-hand/virStream.ts',
    why: 'a loop over send or recv in JavaScript; the C function is never called',
    functions: ['virStreamRecvAll', 'virStreamSendAll', 'virStreamSparseRecvAll', 'virStreamSparseSendAll'],
  },
];

export const BY_NOBODY: readonly SkipGroup[] = [
  {
    why: 'a handle counts its owners itself',
    plumbing: true,
    functions: [
      'virConnectRef',
      'virDomainCheckpointRef',
      'virDomainRef',
      'virDomainSnapshotRef',
      'virInterfaceRef',
      'virNWFilterBindingRef',
      'virNWFilterRef',
      'virNetworkPortRef',
      'virNetworkRef',
      'virNodeDeviceRef',
      'virSecretRef',
      'virStoragePoolRef',
      'virStorageVolRef',
      'virStreamRef',
    ],
  },
  {
    why: 'the runtime calls it when a handle’s last owner lets go',
    plumbing: true,
    functions: [
      'virDomainCheckpointFree',
      'virDomainFree',
      'virDomainSnapshotFree',
      'virInterfaceFree',
      'virNWFilterBindingFree',
      'virNWFilterFree',
      'virNetworkFree',
      'virNetworkPortFree',
      'virNodeDeviceFree',
      'virSecretFree',
      'virStoragePoolFree',
      'virStorageVolFree',
      'virStreamFree',
    ],
  },
  {
    why: 'every failed call carries its error; what the runtime needs of this it calls itself',
    plumbing: true,
    functions: [
      'virConnCopyLastError',
      'virConnSetErrorFunc',
      'virCopyLastError',
      'virDefaultErrorFunc',
      'virFreeError',
      'virResetError',
      'virSaveLastError',
    ],
  },
  {
    why: 'typed parameters are plain dictionaries; the runtime converts them',
    plumbing: true,
    functions: [
      'virTypedParamsAddBoolean',
      'virTypedParamsAddDouble',
      'virTypedParamsAddFromString',
      'virTypedParamsAddInt',
      'virTypedParamsAddLLong',
      'virTypedParamsAddString',
      'virTypedParamsAddStringList',
      'virTypedParamsAddUInt',
      'virTypedParamsAddULLong',
      'virTypedParamsClear',
      'virTypedParamsFree',
      'virTypedParamsGet',
      'virTypedParamsGetBoolean',
      'virTypedParamsGetDouble',
      'virTypedParamsGetInt',
      'virTypedParamsGetLLong',
      'virTypedParamsGetString',
      'virTypedParamsGetUInt',
      'virTypedParamsGetULLong',
    ],
  },
  {
    why: 'results are copied into JavaScript and freed by the call that made them',
    plumbing: true,
    functions: [
      'virDomainFSInfoFree',
      'virDomainIOThreadInfoFree',
      'virDomainInterfaceFree',
      'virDomainStatsRecordListFree',
      'virNetworkDHCPLeaseFree',
    ],
  },
  {
    why: 'libvirt wants its answers at once and on its own threads, which JavaScript cannot give',
    plumbing: false,
    functions: ['virEventRegisterImpl'],
  },
  {
    why: 'it changes the thread that calls it, and the calls of JavaScript run on threads that it cannot choose',
    plumbing: false,
    functions: ['virDomainLxcEnterNamespace', 'virDomainLxcEnterSecurityLabel'],
  },
];
