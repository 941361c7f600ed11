import { call, calls, getters, refused, unordered, type Scenario } from '../step.js';

const NETWORK =
  '<network><name>made</name><uuid>11111111-2222-3333-4444-666666666666</uuid><bridge name="virbr7"/><mac address="52:54:00:99:88:77"/></network>';
const POOL =
  '<pool type="dir"><name>made</name><uuid>11111111-2222-3333-4444-777777777777</uuid><target><path>/made</path></target></pool>';
const VOLUME = '<volume><name>vol</name><capacity>1048576</capacity><allocation>4096</allocation></volume>';
const INTERFACE =
  '<interface type="ethernet" name="eth7"><start mode="onboot"/><mac address="52:54:00:aa:bb:cc"/><mtu size="1492"/></interface>';

/** Networks and their ports. */
export const networks: Scenario = {
  name: 'networks',
  steps: [
    call('conn.networkLookupByName', ['default'], { as: 'net' }),
    ...getters('net', 'name UUID UUIDString connect isActive isPersistent autostart bridgeName XMLDesc create DHCPLeases listAllPorts'),
    ...calls('net.XMLDesc', [1], [1 << 20]),
    ...calls('net.DHCPLeases', ['52:54:00:11:22:33'], [null, 1]),
    ...calls('net.listAllPorts', [1]),
    ...calls('net.portLookupByUUIDString', ['11111111-2222-3333-4444-555555555555'], ['not a uuid']),
    call('net.portLookupByUUID', [{ $bytes: '11111111222233334444555555555555' }]),
    call('net.portLookupByUUID', [{ $bytes: '00' }], { differs: 'binding-errors' }),
    ...calls('net.portCreateXML', ['<networkport/>']),
    ...refused('net.portCreateXML', [null]),
    ...calls('net.setAutostart', [1], [0], ['yes']),
    ...calls('net.update', [3, 4, -1, '<host mac="52:54:00:11:22:44" name="n" ip="192.168.122.44"/>', 0], [99, 99, 0, '<x/>']),
    call('conn.networkLookupByUUID', [{ $bytes: 'dd8fe8846c02601e7551cca97df1c5df' }]),
    call('conn.networkLookupByUUIDString', ['dd8fe884-6c02-601e-7551-cca97df1c5df']),
    call('conn.networkDefineXML', [NETWORK], { as: 'made' }),
    ...getters('made', 'isActive isPersistent XMLDesc bridgeName create isActive'),
    ...unordered('conn.listNetworks', []),
    ...unordered('conn.listDefinedNetworks', []),
    ...unordered('conn.listAllNetworks', []),
    call('conn.numOfNetworks'),
    ...getters('made', 'destroy destroy undefine undefine isActive'),
    call('conn.networkCreateXML', [NETWORK], { as: 'transient' }),
    ...calls('transient.setAutostart', [1]),
    ...getters('transient', 'isPersistent destroy'),
    call('conn.networkDefineXMLFlags', [NETWORK, 1], { as: 'made' }),
    call('made.undefine'),
    call('conn.networkCreateXMLFlags', [NETWORK, 0], { as: 'transient' }),
    call('transient.destroy'),
  ],
};

/** Storage pools and volumes. */
export const storage: Scenario = {
  name: 'storage',
  steps: [
    call('conn.storagePoolLookupByName', ['default-pool'], { as: 'pool' }),
    ...getters('pool', 'name UUID UUIDString connect isActive isPersistent autostart info numOfVolumes listVolumes listAllVolumes XMLDesc'),
    ...getters('pool', 'refresh build create delete'),
    ...calls('pool.refresh', [1]),
    ...calls('pool.XMLDesc', [1 << 20]),
    ...calls('pool.listAllVolumes', [1]),
    ...calls('pool.setAutostart', [1], [0]),
    ...calls('pool.storageVolLookupByName', ['nothing']),
    ...refused('pool.storageVolLookupByName', [null]),
    ...calls('pool.createXML', ['<wrong/>'], ['not xml'], [VOLUME, 1 << 20]),
    call('pool.createXML', [VOLUME], { as: 'vol' }),
    call('pool.createXML', [VOLUME]),
    ...getters('vol', 'name key path info infoFlags connect storagePoolLookupByVolume XMLDesc'),
    ...calls('vol.infoFlags', [1], [1 << 20]),
    ...calls('vol.XMLDesc', [1]),
    call('pool.storageVolLookupByName', ['vol']),
    call('conn.storageVolLookupByKey', ['/default-pool/vol']),
    call('conn.storageVolLookupByPath', ['/default-pool/vol']),
    ...calls('pool.createXMLFrom', [VOLUME.replace('vol<', 'copy<'), { $: 'vol' }], ['<wrong/>', { $: 'vol' }]),
    call('pool.createXMLFrom', [VOLUME, null], { differs: 'argument-checks' }),
    call('pool.createXMLFrom', [VOLUME, { $: 'pool' }], { differs: 'argument-checks' }),
    ...unordered('pool.listVolumes', []),
    ...getters('pool', 'numOfVolumes info'),
    ...calls('vol.resize', [2097152], [2097152, 1 << 20]),
    ...calls('vol.wipe', [], [1]),
    ...calls('vol.wipePattern', [0], [99]),
    call('conn.newStream', [], { as: 'stream' }),
    ...calls('vol.upload', [{ $: 'stream' }, 0, 0]),
    call('vol.upload', [{ $: 'vol' }, 0, 0], { differs: 'argument-checks' }),
    ...calls('vol.download', [{ $: 'stream' }, 0, 0]),
    ...calls('vol.delete', [1], []),
    call('vol.info'),
    call('conn.storagePoolLookupByUUID', [{ $bytes: 'dfe224cb28fb8dd0c4b264eb3f0f4566' }]),
    call('conn.storagePoolLookupByUUIDString', ['dfe224cb-28fb-8dd0-c4b2-64eb3f0f4566']),
    call('conn.storagePoolLookupByTargetPath', ['/default-pool']),
    call('conn.storagePoolDefineXML', [POOL], { as: 'made' }),
    ...getters('made', 'isActive isPersistent info numOfVolumes listVolumes listAllVolumes create isActive info'),
    ...unordered('conn.listStoragePools', []),
    ...unordered('conn.listDefinedStoragePools', []),
    ...unordered('conn.listAllStoragePools', []),
    ...getters('made', 'undefine destroy destroy build delete undefine undefine info'),
    call('conn.storagePoolCreateXML', [POOL], { as: 'transient' }),
    ...calls('transient.setAutostart', [1]),
    ...getters('transient', 'isPersistent destroy'),
    ...calls('conn.storagePoolCreateXML', [POOL, 1 << 20]),
  ],
};

/** The host's interfaces. */
export const interfaces: Scenario = {
  name: 'interfaces',
  steps: [
    call('conn.interfaceLookupByName', ['eth1'], { as: 'eth' }),
    ...getters('eth', 'name MACString connect isActive XMLDesc create'),
    ...calls('eth.XMLDesc', [1], [1 << 20]),
    call('conn.interfaceLookupByMACString', ['aa:bb:cc:dd:ee:ff']),
    ...getters('conn', 'changeRollback changeCommit changeBegin changeBegin'),
    call('conn.interfaceDefineXML', [INTERFACE], { as: 'made' }),
    ...getters('made', 'isActive create isActive destroy destroy'),
    ...calls('made.create', [1 << 20]),
    ...calls('made.destroy', [1 << 20]),
    ...getters('conn', 'listInterfaces listDefinedInterfaces numOfDefinedInterfaces'),
    ...getters('made', 'undefine undefine'),
    ...getters('conn', 'changeRollback changeBegin changeCommit'),
    ...calls('conn.changeBegin', [1]),
    ...calls('conn.changeCommit', [1]),
    ...calls('conn.changeRollback', [1]),
  ],
};

const VHBA = '<device><parent>scsi_host1</parent><capability type="scsi_host"><capability type="fc_host"/></capability></device>';

/** The host's devices. */
export const nodeDevices: Scenario = {
  name: 'node devices',
  steps: [
    call('conn.nodeDeviceLookupByName', ['computer'], { as: 'computer' }),
    ...getters(
      'computer',
      'name parent listCaps numOfCaps XMLDesc autostart isActive isPersistent reset reAttach dettach create undefine destroy',
    ),
    ...calls('computer.detachFlags', [null], ['vfio', 1]),
    ...calls('computer.setAutostart', [1]),
    ...calls('computer.XMLDesc', [1]),
    call('conn.nodeDeviceLookupByName', ['scsi_host1'], { as: 'scsi' }),
    ...getters('scsi', 'name parent listCaps numOfCaps'),
    ...unordered('conn.listDevices', [null], ['scsi_host'], ['system', 1]),
    call('conn.nodeDeviceCreateXML', [VHBA], {}),
    call('conn.nodeDeviceDefineXML', [VHBA]),
  ],
};

const SECRET =
  '<secret ephemeral="no" private="no"><uuid>11111111-2222-3333-4444-888888888888</uuid><usage type="volume"><volume>/made</volume></usage></secret>';

/** Secrets and filters, which QEMU's daemon has and the test driver has not. */
export const secrets: Scenario = {
  name: 'secrets',
  steps: [
    call('conn.secretDefineXML', [SECRET], { as: 'secret' }),
    ...getters('secret', 'UUID UUIDString usageType usageID connect XMLDesc value'),
    call('secret.setValue', [{ $bytes: '00ff80' }]),
    call('secret.value'),
    call('secret.setValue', ['geheim ä']),
    call('secret.value'),
    ...calls('secret.setValue', [{ $bytes: '01' }, 1], [7]),
    ...refused('secret.setValue', [null]),
    ...calls('secret.value', [1]),
    ...calls('secret.XMLDesc', [1]),
    ...getters('conn', 'listSecrets listAllSecrets numOfSecrets'),
    ...calls('conn.listAllSecrets', [1], [2]),
    call('conn.secretLookupByUUID', [{ $bytes: '11111111222233334444888888888888' }]),
    call('conn.secretLookupByUUIDString', ['11111111-2222-3333-4444-888888888888']),
    call('conn.secretLookupByUsage', [1, '/made']),
    ...getters('secret', 'undefine undefine value'),
  ],
};
