import {
  VIR_DOMAIN_AFFECT_CONFIG,
  VIR_DOMAIN_AFFECT_LIVE,
  VIR_DOMAIN_EVENT_ID_LIFECYCLE,
  VIR_DOMAIN_START_PAUSED,
  VIR_SECRET_EVENT_ID_LIFECYCLE,
  VIR_SECRET_EVENT_ID_VALUE_CHANGED,
  VIR_STREAM_RECV_STOP_AT_HOLE,
  VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM,
  VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM,
} from '@novalet/libvirt';
import { call, calls, getters, type Scenario } from '../step.js';

const GUEST = `<domain type="qemu"><name>guest</name><uuid>11111111-2222-3333-4444-999999999999</uuid><memory>16384</memory>
  <vcpu current="1">2</vcpu><iothreads>1</iothreads><os><type arch="x86_64" machine="pc">hvm</type></os><features><acpi/></features><devices>
  <emulator>/usr/bin/qemu-system-x86_64</emulator>
  <disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="$DIR/disk.raw"/><target dev="vda" bus="virtio"/></disk>
  <controller type="usb" model="none"/><memballoon model="virtio"/>
  <serial type="pty"/><console type="pty"/><graphics type="vnc" port="-1" autoport="yes" listen="127.0.0.1"/><video><model type="vga"/></video></devices></domain>`;

const make = (name: string): Scenario['steps'] => [call('conn.defineXML', [GUEST], { as: name })];
const end: Scenario['steps'] = [call('dom.destroy'), call('dom.undefine')];

/** A guest that is defined and not running. */
export const qemuDefined: Scenario = {
  name: 'a QEMU guest, defined',
  steps: [
    ...make('dom'),
    ...getters('dom', 'ID isActive isPersistent state maxMemory info schedulerType numaParameters memoryStats jobInfo jobStats'),
    call('dom.guestVcpus', [], { differs: 'swallowed' }),
    call('dom.migrateGetMaxDowntime', [], { differs: 'swallowed' }),
    call('dom.migrateGetCompressionCache', [], { differs: 'swallowed' }),
    ...getters(
      'dom',
      'schedulerParameters blkioParameters memoryParameters perfEvents guestInfo getTime fsInfo hostname vcpus ioThreadInfo vcpuPinInfo',
    ),
    ...getters('dom', 'emulatorPinInfo diskErrors controlInfo messages launchSecurityInfo migrateGetMaxSpeed securityLabelList autostart'),
    ...calls('dom.schedulerParametersFlags', [VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.numaParameters', [VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.blkioParameters', [VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.memoryParameters', [VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.perfEvents', [VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.setPerfEvents', [{ cmt: true }, VIR_DOMAIN_AFFECT_CONFIG], [{ cmt: false }, VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.blockInfo', ['vda']),
    ...calls('dom.blockIoTune', ['vda', VIR_DOMAIN_AFFECT_CONFIG], ['vda']),
    ...calls('dom.setBlockIoTune', ['vda', { total_bytes_sec: 1048576, group_name: 'group' }, VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.blockIoTune', ['vda', VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.pinVcpu', [0, { $tuple: [true, false] }]),
    ...calls('dom.vcpuPinInfo', [VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.pinIOThread', [1, { $tuple: [true, false] }, VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.ioThreadInfo', [VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.setVcpusFlags', [2, VIR_DOMAIN_AFFECT_CONFIG]),
    ...calls('dom.setIOThreadParams', [1, { poll_max_ns: 1000 }]),
    ...calls('dom.blockPeek', ['vda', 0, 16]),
    ...calls('dom.memoryPeek', [0, 16, 1]),
    ...calls('dom.blockStats', ['vda']),
    ...calls('dom.createWithFlags', [1 << 20]),
    ...calls('conn.domainXMLToNative', ['qemu-argv', '<domain/>']),
    call('dom.XMLDesc', [2]),
    call('dom.undefine'),
  ],
};

/** A running guest (its firmware, at least): what only a real hypervisor knows. */
export const qemuRunning: Scenario = {
  name: 'a QEMU guest, running',
  steps: [
    ...make('dom'),
    call('conn.domainEventRegisterAny', [null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, { $callback: 'life' }, 'opaque'], { as: 'life' }),
    call('qemu.qemuMonitorEventRegister', [{ $: 'conn' }, { $: 'dom' }, 'RESUME', { $callback: 'monitor' }, 'opaque', 0], {
      as: 'monitor',
    }),
    call('dom.createWithFlags', [VIR_DOMAIN_START_PAUSED]),
    call('dom.resume'),
    { wait: 'monitor', count: 1, volatile: ['*/3', '*/4'] },
    call('qemu.qemuMonitorEventDeregister', [{ $: 'conn' }, { $: 'monitor' }], { differs: 'deregister-result' }),
    ...getters('dom', 'state isActive isPersistent controlInfo schedulerType diskErrors messages'),
    call('dom.info', [], { volatile: ['4'] }),
    call('dom.memoryStats', [], { volatile: ['*'] }),
    call('dom.jobInfo'),
    call('dom.jobStats'),
    ...calls('dom.jobStats', [1], [1 << 20]),
    ...getters('dom', 'schedulerParameters blkioParameters memoryParameters numaParameters perfEvents'),
    call('dom.guestVcpus', [], { differs: 'swallowed' }),
    ...getters('dom', 'migrateGetMaxSpeed getTime fsInfo fsFreeze fsThaw guestInfo hostname'),
    call('dom.migrateGetMaxDowntime'),
    call('dom.migrateGetCompressionCache'),
    ...calls('dom.migrateSetMaxDowntime', [500]),
    call('dom.migrateGetMaxDowntime'),
    ...calls('dom.migrateSetMaxSpeed', [100]),
    call('dom.migrateGetMaxSpeed'),
    call('dom.vcpus', [], { volatile: ['0/*/2', '0/*/3'] }),
    ...getters('dom', 'vcpuPinInfo emulatorPinInfo ioThreadInfo'),
    ...calls('dom.pinVcpu', [0, { $tuple: [true, true] }]),
    ...calls('dom.pinEmulator', [{ $tuple: [true, true] }]),
    ...calls('dom.pinIOThread', [1, { $tuple: [true, true] }], [9, { $tuple: [true] }]),
    ...calls('dom.setVcpusFlags', [2, VIR_DOMAIN_AFFECT_LIVE]),
    ...calls('dom.setVcpu', ['9', 1]),
    ...calls('dom.blockInfo', ['vda'], ['vdz']),
    call('dom.blockStats', ['vda'], { volatile: ['*'] }),
    call('dom.blockStats', ['vdz']),
    call('dom.blockStatsFlags', ['vda'], { volatile: ['*'] }),
    call('dom.blockStatsFlags', ['vdz']),
    ...calls('dom.blockIoTune', ['vda'], ['vdz']),
    ...calls('dom.setBlockIoTune', ['vda', { total_iops_sec: 1000 }], ['vda', { total_iops_sec: 1, read_iops_sec: 1 }]),
    call('dom.setBlockIoTune', ['vda', { nothing: 1 }], { differs: 'unknown-key' }),
    call('dom.blockIoTune', ['vda']),
    ...calls('dom.blockJobInfo', ['vda'], ['vdz']),
    ...calls('dom.blockPeek', ['vda', 0, 8], ['vda', 512, 0], ['vdz', 0, 8]),
    call('dom.memoryPeek', [0, 8, 2], { volatile: [''] }),
    ...calls('dom.memoryPeek', [0, 8, 0]),
    ...calls('dom.setIOThreadParams', [1, { poll_max_ns: 65536, poll_grow: 2, poll_shrink: 2 }], [9, { poll_max_ns: 1 }]),
    ...calls('dom.setIOThreadParams', [1, { nothing: 1 }]),
    ...calls('dom.addIOThread', [2], [2]),
    call('dom.ioThreadInfo'),
    ...calls('dom.delIOThread', [2], [9]),
    ...calls('dom.interfaceAddresses', [0], [1], [2]),
    ...calls('dom.interfaceStats', ['vnet99']),
    ...calls('dom.interfaceParameters', ['vnet99']),
    ...calls('dom.sendKey', [0, 0, [28], 1], [99, 0, [28], 1]),
    ...calls('dom.injectNMI', []),
    ...calls('dom.setMemoryStatsPeriod', [1]),
    ...calls('dom.setMemory', [8192], [99999999]),
    ...calls('dom.setBlockThreshold', ['vda', 1000], ['vdz', 1]),
    ...calls('dom.setLifecycleAction', [0, 0]),
    ...calls('dom.setUserPassword', ['root', 'secret']),
    ...calls('dom.setGuestVcpus', ['0', 1]),
    ...calls('dom.authorizedSSHKeysGet', ['root']),
    call('dom.setSchedulerParameters', [{ cpu_shares: 1 }], { differs: 'no-get' }),
    ...calls('dom.setBlkioParameters', [{ weight: 500 }]),
    ...calls('dom.setMemoryParameters', [{ hard_limit: 1048576 }]),
    ...calls('dom.setNumaParameters', [{ numa_nodeset: '0' }]),
    ...calls('dom.getCPUStats', [true], [false]),
    ...calls('dom.startDirtyRateCalc', [0]),
    ...calls('dom.detachDeviceAlias', ['no-such-alias']),
    ...calls('dom.setTime', [{ seconds: 1 }]),
    ...calls('dom.sendProcessSignal', [1, 15]),
    ...calls('dom.pMWakeup', []),
    ...calls('dom.blockResize', ['vda', 2097152], ['vdz', 1], ['vda', 1048576, 1]),
    ...calls('dom.blockPull', ['vdz']),
    ...calls('dom.blockCommit', ['vda', null, null]),
    ...calls('dom.blockJobAbort', ['vda']),
    ...calls(
      'dom.blockCopy',
      ['vdz', '<disk/>', { granularity: 4096 }],
      ['vda', '<disk type="file"><source file="$DIR/copy.raw"/></disk>', { granularity: 3 }],
    ),
    call('qemu.qemuMonitorCommand', [{ $: 'dom' }, '{"execute":"query-kvm"}', 0], { volatile: [''] }),
    call('qemu.qemuMonitorCommand', [{ $: 'dom' }, 'info kvm', 1]),
    ...calls('qemu.qemuMonitorCommand', [{ $: 'dom' }, 'not json', 0], [{ $: 'dom' }, 'info status', 99]),
    call('qemu.qemuMonitorCommandWithFiles', [{ $: 'dom' }, '{"execute":"query-kvm"}', [], 0], { volatile: ['0'] }),
    call('qemu.qemuMonitorCommandWithFiles', [{ $: 'dom' }, 'not json', [], 0]),
    call('qemu.qemuAgentCommand', [{ $: 'dom' }, '{"execute":"guest-ping"}', 1, 0]),
    call('dom.openGraphicsFD', [0], { volatile: [''] }),
    ...calls('dom.openGraphicsFD', [5]),
    call('dom.openGraphics', [0, { $open: '$DIR/no-socket' }], { volatile: ['2', '4', '5'] }),
    ...calls('dom.FDAssociate', ['name', [{ $open: '$DIR/associate' }]]),
    call('conn.getAllDomainStats', [], { volatile: ['*/1/*'] }),
    call('conn.getAllDomainStats', [1 | 8], {
      volatile: ['*/1/vcpu.0.time', '*/1/vcpu.0.delay', '*/1/vcpu.1.time', '*/1/vcpu.1.delay', '*/1/vcpu.0.wait', '*/1/vcpu.1.wait'],
    }),
    call('conn.domainListGetStats', [[{ $: 'dom' }], 1]),
    call('dom.suspend'),
    call('dom.state'),
    call('dom.resume'),
    call('dom.migrateToURI3', ['qemu+unix:///session?socket=/no/such', { bandwidth: 1 }, 1]),
    // Before the end: whether a guest that is destroyed still says that it shuts down depends on who is quicker, QEMU or libvirt.
    { wait: 'life', count: 5, volatile: ['0/2', '0/3'] },
    call('conn.domainEventDeregisterAny', [{ $: 'life' }], { differs: 'deregister-result' }),
    call('dom.blockPull', ['vda']), // last: its job ends when it likes, and until then other calls on the disk answer differently
    call('dom.destroy'),
    call('dom.undefine'),
  ],
};

/** Snapshots, checkpoints and saved images that are really written. */
export const qemuSaved: Scenario = {
  name: 'a QEMU guest, saved',
  steps: [
    ...make('dom'),
    call('dom.snapshotCreateXML', ['<domainsnapshot><name>s</name></domainsnapshot>']),
    call('dom.checkpointCreateXML', ['<domaincheckpoint><name>c</name></domaincheckpoint>']),
    call('dom.create'),
    call('dom.saveParams', [{ file: '$DIR/image' }]),
    call('conn.saveImageGetXMLDesc', ['$DIR/image'], { volatile: [''] }),
    call('conn.restoreParams', [{ file: '$DIR/image' }]),
    call('dom.managedSave'),
    call('dom.hasManagedSaveImage'),
    call('dom.managedSaveGetXMLDesc', [], { volatile: [''] }),
    call('dom.managedSaveRemove'),
    call('dom.hasManagedSaveImage'),
    call('dom.createWithFiles', [[]]),
    ...end,
  ],
};

const bytes = (text: string): { $bytes: string } => ({ $bytes: Buffer.from(text).toString('hex') });
const POOL =
  '<pool type="dir"><name>pool</name><uuid>11111111-2222-3333-4444-aaaaaaaaaaaa</uuid><target><path>$DIR/pool</path></target></pool>';
const VOLUME =
  '<volume><name>vol.raw</name><capacity>65536</capacity><allocation>0</allocation><target><format type="raw"/></target></volume>';

/** A real directory of volumes: data, holes, and what comes back. */
export const qemuVolumes: Scenario = {
  name: 'volumes and streams',
  steps: [
    call('conn.storagePoolDefineXML', [POOL], { as: 'pool' }),
    ...getters('pool', 'build create isActive autostart listVolumes listAllVolumes'),
    call('pool.info', [], { volatile: ['1', '2', '3'] }),
    call('pool.createXML', [VOLUME], { as: 'vol' }),
    ...getters('vol', 'name path key info infoFlags'),
    ...calls('vol.infoFlags', [1], [99]),
    call('conn.newStream', [], { as: 'up' }),
    call('vol.upload', [{ $: 'up' }, 0, 11]),
    call('up.send', [bytes('hello ')]),
    call('up.send', [bytes('world')]),
    call('up.finish'),
    call('conn.newStream', [], { as: 'down' }),
    call('vol.download', [{ $: 'down' }, 0, 11]),
    call('down.recv', [64]),
    call('down.recv', [64]),
    call('down.finish'),
    call('conn.newStream', [], { as: 'all' }),
    call('vol.upload', [{ $: 'all' }, 16, 0]),
    call('all.sendAll', [{ $callback: 'gives', returns: [bytes('one'), bytes('two'), bytes('')] }, 'opaque']),
    { wait: 'gives', count: 3 },
    call('all.finish'),
    call('conn.newStream', [], { as: 'allDown' }),
    call('vol.download', [{ $: 'allDown' }, 0, 32]),
    call('allDown.recvAll', [{ $callback: 'takes' }, 'opaque']),
    { wait: 'takes', count: 1 },
    call('allDown.finish'),
    call('conn.newStream', [], { as: 'sparse' }),
    call('vol.upload', [{ $: 'sparse' }, 0, 0, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM]),
    call('sparse.sendHole', [32768]),
    call('sparse.send', [bytes('after the hole')]),
    call('sparse.finish'),
    call('conn.newStream', [], { as: 'sparseDown' }),
    call('vol.download', [{ $: 'sparseDown' }, 0, 0, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM]),
    call('sparseDown.recvFlags', [16, VIR_STREAM_RECV_STOP_AT_HOLE]),
    call('sparseDown.recvHole'),
    call('sparseDown.recvFlags', [16, VIR_STREAM_RECV_STOP_AT_HOLE]),
    call('sparseDown.abort'),
    call('conn.newStream', [], { as: 'sparseAll' }),
    call('vol.upload', [{ $: 'sparseAll' }, 0, 0, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM]),
    call('sparseAll.sparseSendAll', [
      { $callback: 'data', returns: [bytes('data'), bytes('')] },
      {
        $callback: 'holes',
        returns: [
          [true, 4],
          [false, 8192],
          [false, 0],
        ],
      },
      { $callback: 'skips', returns: [0] },
      'opaque',
    ]),
    { wait: 'data', count: 2 },
    { wait: 'holes', count: 3 },
    { wait: 'skips', count: 1 },
    call('sparseAll.finish'),
    call('conn.newStream', [], { as: 'sparseAllDown' }),
    call('vol.download', [{ $: 'sparseAllDown' }, 0, 0, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM]),
    call('sparseAllDown.sparseRecvAll', [{ $callback: 'got' }, { $callback: 'got holes' }, 'opaque']),
    { wait: 'got', count: 1 },
    { wait: 'got holes', count: 1 },
    call('sparseAllDown.finish'),
    call('conn.newStream', [], { as: 'aborted' }),
    call('vol.upload', [{ $: 'aborted' }, 0, 0]),
    call('aborted.sendAll', [{ $raises: 'no more' }, 'opaque']),
    call('conn.newStream', [], { as: 'wrong' }),
    ...calls('vol.download', [{ $: 'wrong' }, 1048576, 0], [{ $: 'wrong' }, 0, 0, 99]),
    ...calls('vol.resize', [131072], [1024]),
    call('vol.info'),
    call('pool.createXMLFrom', [VOLUME.replace('vol.raw', 'copy.raw'), { $: 'vol' }], { as: 'copy' }),
    call('pool.listVolumes', [], { volatile: ['*'] }),
    call('vol.wipe'),
    call('vol.wipePattern', [99]),
    call('copy.delete'),
    call('vol.delete'),
    ...getters('pool', 'refresh numOfVolumes undefine destroy delete undefine'),
    ...calls('conn.getStoragePoolCapabilities', []),
  ],
};

const SECRET =
  '<secret ephemeral="yes" private="no"><uuid>11111111-2222-3333-4444-bbbbbbbbbbbb</uuid><usage type="volume"><volume>/event</volume></usage></secret>';

/** Secrets' events. */
export const qemuSecretEvents: Scenario = {
  name: 'events of secrets',
  steps: [
    call('conn.secretEventRegisterAny', [null, VIR_SECRET_EVENT_ID_LIFECYCLE, { $callback: 'life' }, 'opaque'], { as: 'life' }),
    call('conn.secretEventRegisterAny', [null, VIR_SECRET_EVENT_ID_VALUE_CHANGED, { $callback: 'value' }, 'opaque'], { as: 'value' }),
    call('conn.secretDefineXML', [SECRET], { as: 'secret' }),
    call('secret.setValue', [bytes('v')]),
    call('secret.undefine'),
    { wait: 'life', count: 2 },
    { wait: 'value', count: 1 },
    call('conn.secretEventDeregisterAny', [{ $: 'life' }], { differs: 'deregister-result' }),
    call('conn.secretEventDeregisterAny', [{ $: 'value' }], { differs: 'deregister-result' }),
  ],
};

const NETWORK = '<network><name>leases</name><uuid>11111111-2222-3333-4444-cccccccccccc</uuid><bridge name="virbr77"/></network>';

/** A network that is defined, which is all that an ordinary user may do with one; its file of leases is written by the test. */
export const qemuNetworks: Scenario = {
  name: 'networks of QEMU’s host',
  steps: [
    call('conn.networkDefineXML', [NETWORK], { as: 'net' }),
    ...getters('net', 'name UUID isActive isPersistent autostart bridgeName listAllPorts DHCPLeases'),
    ...calls('net.DHCPLeases', ['52:54:00:11:22:33'], ['52:54:00:00:00:00'], ['not a mac'], [null, 1]),
    ...calls('net.portLookupByUUIDString', ['11111111-2222-3333-4444-555555555555']),
    ...calls('net.portCreateXML', ['<networkport/>']),
    call('conn.listAllNetworks'),
    // Not undefined: the leases would go with it, and the other side would find none.
  ],
};
