import {
  VIR_CONNECT_LIST_DOMAINS_ACTIVE,
  VIR_CONNECT_LIST_DOMAINS_INACTIVE,
  VIR_CRED_AUTHNAME,
  VIR_CRED_PASSPHRASE,
} from '@novalet/libvirt';
import { call, calls, getters, refused, unordered, type Scenario } from '../step.js';

const CPU = '<cpu><arch>x86_64</arch><model>qemu64</model></cpu>';

/** The connection and its host, on any driver; what a driver lacks fails alike. */
export const host: Scenario = {
  name: 'the host',
  steps: [
    ...getters('libvirt', 'getVersion virInitialize'),
    ...calls('libvirt.getVersion', ['test'], [null], ['no-such-driver']),
    ...getters('conn', 'getType getURI getLibVersion getVersion getHostname isAlive isEncrypted isSecure getCapabilities getSysinfo'),
    call('conn.getInfo', [], { volatile: ['3'] }),
    ...getters('conn', 'getSecurityModel'),
    call('conn.getFreeMemory', [], { volatile: [''] }),
    call('conn.getCPUMap', []),
    call('conn.getCPUMap', [1]),
    call('conn.getCPUMap', ['zero']),
    call('conn.getCPUStats', [-1], { volatile: ['*'] }),
    call('conn.getCPUStats', [0], { volatile: ['*'] }),
    call('conn.getCPUStats', [1000]),
    call('conn.getCPUStats', [0, 4]),
    call('conn.getMemoryStats', [-1], { volatile: ['*'] }),
    call('conn.getMemoryStats', [0], { volatile: ['*'] }),
    call('conn.getMemoryStats', [1000]),
    call('conn.getCellsFreeMemory', [0, 1], { volatile: ['0'] }),
    call('conn.getCellsFreeMemory', [1000, 1]),
    call('conn.getCellsFreeMemory', [-1, 1], { differs: 'binding-errors' }),
    call('conn.getFreePages', [[4], 0, 1], { volatile: ['*/*'] }),
    call('conn.getFreePages', [[4, 2048], 0, 1], { volatile: ['*/*'] }),
    ...calls('conn.getFreePages', [[3], 0, 1], [[4], 1000, 1], [[4], 0, 1, 1]),
    ...calls('conn.allocPages', [{ $byInteger: [[2048, 0]] }], [{ $byInteger: [[3, 1]] }], [{ $byInteger: [[2048, 1]] }, 1000, 1]),
    call('conn.getMemoryParameters', [], { volatile: ['*'] }),
    ...calls('conn.getMemoryParameters', [8]),
    call('conn.setMemoryParameters', [{ shm_no_such: 1 }], { differs: 'no-get' }),
    call('conn.setMemoryParameters', [{}]),
    ...calls('conn.getSEVInfo', [], [1]),
    ...calls('conn.getMaxVcpus', ['qemu'], [null], ['no-such-type']),
    ...calls('conn.compareCPU', [CPU], ['not xml'], [CPU, 64]),
    ...refused('conn.compareCPU', [null]),
    ...calls('conn.baselineCPU', [[CPU]], [[CPU, CPU]], [['not xml']], [[]], [[CPU], 64]),
    ...calls('conn.compareHypervisorCPU', [null, 'x86_64', null, null, CPU], [null, null, null, null, 'not xml']),
    ...calls('conn.baselineHypervisorCPU', [null, 'x86_64', null, null, [CPU]], [null, null, null, null, ['not xml']]),
    ...calls('conn.getCPUModelNames', ['x86_64'], ['aarch64'], ['no-such-arch'], ['x86_64', 1]),
    ...calls('conn.getCPUModelNames', [null]),
    ...calls('conn.getDomainCapabilities', [null, 'x86_64'], [], ['/no/such/emulator', 'x86_64', 'pc', 'qemu']),
    ...calls('conn.getStoragePoolCapabilities', [], [1]),
    ...calls('conn.domainXMLFromNative', ['qemu-argv', 'qemu'], ['no-such-format', '']),
    ...calls('conn.domainXMLToNative', ['no-such-format', '<domain/>'], ['qemu-argv', 'not xml']),
    ...calls('conn.findStoragePoolSources', ['dir', null], ['logical', '<source/>']),
    ...calls('conn.setIdentity', [{ 'user-name': 'me', 'unix-user-id': 1000, 'process-id': 42 }], [{}], [{ 'no-such': 'key' }], [7]),
    ...calls('conn.setKeepAlive', [0, 0]),
    ...calls('conn.getSysinfo', [1]),
  ],
};

/** Every list of names and of objects, empty or not; those that the driver lacks fail alike. */
export const lists: Scenario = {
  name: 'lists',
  steps: [
    ...'listDomainsID listDefinedDomains listNetworks listDefinedNetworks listStoragePools listDefinedStoragePools'
      .split(' ')
      .flatMap((name) => unordered(`conn.${name}`, [])),
    ...'listInterfaces listDefinedInterfaces listSecrets listNWFilters'.split(' ').flatMap((name) => unordered(`conn.${name}`, [])),
    ...getters('conn', 'numOfDomains numOfDefinedDomains numOfNetworks numOfDefinedNetworks numOfStoragePools numOfDefinedStoragePools'),
    ...getters('conn', 'numOfInterfaces numOfDefinedInterfaces numOfSecrets numOfNWFilters'),
    ...'listAllDomains listAllNetworks listAllStoragePools listAllInterfaces listAllSecrets listAllNWFilters'
      .split(' ')
      .flatMap((name) => unordered(`conn.${name}`, [])),
    ...'listAllNWFilterBindings'.split(' ').flatMap((name) => unordered(`conn.${name}`, [])),
    ...unordered('conn.listAllDomains', [VIR_CONNECT_LIST_DOMAINS_ACTIVE], [VIR_CONNECT_LIST_DOMAINS_INACTIVE], [1 << 30]),
    ...unordered('conn.listAllNetworks', [2], [1 << 30]),
    ...unordered('conn.listAllStoragePools', [2], [1 << 30]),
    ...unordered('conn.listAllInterfaces', [2], [1 << 30]),
    ...unordered('conn.listAllDevices', [], [1], [1 << 30]),
    ...unordered('conn.listAllSecrets', [1 << 30]),
    ...unordered('conn.listAllNWFilters', [1]),
    ...unordered('conn.listAllNWFilterBindings', [1]),
    ...unordered('conn.listDevices', ['net'], ['no-such-capability'], [null]),
    ...calls('conn.numOfDevices', ['net'], [null], ['net', 1]),
    ...unordered('conn.listAllDomains', ['all']),
  ],
};

/** Look-ups that find nothing, by every key. */
export const lookups: Scenario = {
  name: 'look-ups that find nothing',
  steps: [
    ...calls('conn.lookupByName', ['nobody'], [7]),
    ...refused('conn.lookupByName', [null]),
    ...calls('conn.lookupByID', [4711], [-1], ['one'], [1 << 30]),
    call('conn.lookupByID', [2 ** 31]),
    ...calls('conn.lookupByUUIDString', ['not a uuid'], ['00000000-0000-0000-0000-000000000001']),
    ...refused('conn.lookupByUUIDString', [null]),
    ...['lookupByUUID', 'networkLookupByUUID', 'storagePoolLookupByUUID', 'secretLookupByUUID', 'nwfilterLookupByUUID'].flatMap(
      (method) => [
        call(`conn.${method}`, [{ $bytes: '00000000000000000000000000000001' }]),
        call(`conn.${method}`, [{ $bytes: '0001' }], { differs: 'binding-errors' }),
        call(`conn.${method}`, [null], { differs: 'binding-errors' }),
      ],
    ),
    call('conn.lookupByUUID', ['abcdefghijklmnop']),
    ...calls('conn.networkLookupByName', ['nobody']),
    ...refused('conn.networkLookupByName', [null]),
    ...calls('conn.networkLookupByUUIDString', ['not a uuid'], ['00000000-0000-0000-0000-000000000001']),
    ...calls('conn.storagePoolLookupByName', ['nobody']),
    ...calls('conn.storagePoolLookupByUUIDString', ['not a uuid'], ['00000000-0000-0000-0000-000000000001']),
    ...calls('conn.storagePoolLookupByTargetPath', ['/no/such/path']),
    ...refused('conn.storagePoolLookupByTargetPath', [null]),
    ...calls('conn.storageVolLookupByKey', ['no-such-key']),
    ...refused('conn.storageVolLookupByKey', [null]),
    ...calls('conn.storageVolLookupByPath', ['/no/such/path']),
    ...calls('conn.interfaceLookupByName', ['nobody']),
    ...calls('conn.interfaceLookupByMACString', ['00:00:00:00:00:01'], ['not a mac']),
    ...calls('conn.nodeDeviceLookupByName', ['nobody']),
    ...calls('conn.nodeDeviceLookupSCSIHostByWWN', ['2000000012341234', '1000000012341234']),
    ...refused('conn.nodeDeviceLookupSCSIHostByWWN', [null, null]),
    ...calls('conn.secretLookupByUUIDString', ['not a uuid'], ['00000000-0000-0000-0000-000000000001']),
    ...calls('conn.secretLookupByUsage', [1, '/no/such/usage']),
    ...refused('conn.secretLookupByUsage', [99, null]),
    ...calls('conn.nwfilterLookupByName', ['nobody']),
    ...calls('conn.nwfilterLookupByUUIDString', ['not a uuid'], ['00000000-0000-0000-0000-000000000001']),
    ...calls('conn.nwfilterBindingLookupByPortDev', ['vnet99']),
    ...refused('conn.nwfilterBindingLookupByPortDev', [null]),
  ],
};

/** XML that nobody can take. */
export const badXml: Scenario = {
  name: 'bad XML',
  steps: [
    ...[
      'createXML createLinux defineXML defineXMLFlags networkCreateXML networkCreateXMLFlags networkDefineXML networkDefineXMLFlags',
      'storagePoolCreateXML storagePoolDefineXML interfaceDefineXML nodeDeviceCreateXML nodeDeviceDefineXML secretDefineXML',
      'nwfilterDefineXML nwfilterDefineXMLFlags nwfilterBindingCreateXML',
    ]
      .join(' ')
      .split(' ')
      .flatMap((method) => [...calls(`conn.${method}`, ['<not-closed>'], ['<wrong/>']), ...refused(`conn.${method}`, [null])]),
    ...calls('conn.createXMLWithFiles', ['<wrong/>', []], ['<wrong/>', null], ['<wrong/>', ['fd']]),
    ...calls('conn.defineXML', [7], ['a\u0000b']),
    ...calls('conn.restore', ['/no/such/file']),
    ...refused('conn.restore', [null]),
    ...calls('conn.restoreFlags', ['/no/such/file', null, 0], ['/no/such/file', '<wrong/>', 1]),
    ...calls('conn.restoreParams', [{ file: '/no/such/file' }], [{ 'no-such': 'key' }], [{}]),
    ...refused('conn.restoreParams', [null]),
    ...calls('conn.saveImageGetXMLDesc', ['/no/such/file']),
    ...calls('conn.saveImageDefineXML', ['/no/such/file', '<wrong/>']),
  ],
};

/** Openings, good and bad; errors as they are remembered. */
export const openings: Scenario = {
  name: 'openings and the last error',
  uri: 'test:///default',
  steps: [
    ...calls('libvirt.open', ['no-such-driver:///'], ['test:///no/such/file.xml'], ['qemu+unix:///session?socket=/no/such/socket'], [7]),
    ...calls('libvirt.openReadOnly', ['no-such-driver:///'], ['test:///default']),
    call('libvirt.openReadOnly', ['test:///default'], { as: 'readOnly' }),
    call('readOnly.lookupByName', ['test'], { as: 'dom' }),
    ...calls('dom.destroy', []),
    ...calls('dom.setMemory', [1024]),
    ...calls('dom.XMLDesc', [1]),
    ...calls('readOnly.defineXML', ['<domain/>']),
    call('libvirt.openAuth', ['test:///default', [[], null, null], 0]),
    call('libvirt.openAuth', [
      'test://$DIR/auth.xml',
      [[VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE], { $credentials: ['srinivasa', '87539319'], returns: 0 }, null],
      0,
    ]),
    call('libvirt.openAuth', [
      'test://$DIR/auth.xml',
      [[VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE], { $credentials: ['srinivasa', 'wrong'], returns: 0 }, null],
      0,
    ]),
    call('libvirt.openAuth', [
      'test://$DIR/auth.xml',
      [[VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE], { $credentials: ['srinivasa', '87539319'], returns: -1 }, null],
      0,
    ]),
    call('libvirt.openAuth', [
      'test://$DIR/auth.xml',
      [[VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE], { $callback: 'credentials', returns: [-1] }, 'opaque'],
      0,
    ]),
    { wait: 'credentials', count: 1 },
    call('libvirt.openAuth', ['test://$DIR/auth.xml', [[VIR_CRED_AUTHNAME], null, null], 0]),
    call('libvirt.openAuth', ['test:///default', [[], 'no function', null], 0], { differs: 'argument-checks' }),
    call('libvirt.virResetLastError'),
    call('libvirt.virGetLastError'),
    call('libvirt.virGetLastErrorCode'),
    call('libvirt.virGetLastErrorDomain'),
    call('libvirt.virGetLastErrorMessage'),
    call('conn.lookupByName', ['nobody']),
    call('libvirt.virGetLastError'),
    call('libvirt.virGetLastErrorCode'),
    call('libvirt.virGetLastErrorDomain'),
    call('libvirt.virGetLastErrorMessage'),
    call('conn.virConnGetLastError'),
    call('conn.virConnResetLastError'),
  ],
};

/** What a connection says once it is closed. */
export const closed: Scenario = {
  name: 'after close()',
  steps: [
    call('conn.close'),
    call('conn.close'),
    ...[
      'getHostname',
      'isAlive',
      'listAllDomains',
      'listDomainsID',
      'getInfo',
      'getCPUMap',
      'getAllDomainStats',
      'getURI',
      'newStream',
    ].map((name) => call(`conn.${name}`, [], { differs: 'closed' })),
    call('conn.lookupByName', ['test'], { differs: 'closed' }),
  ],
};
