import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonName } from '../../generator/python-names.js';
import { aFunction } from './support/a-function.js';
import { planOf900 } from './support/installed-plan.js';

const nameOf = (cName: string, first: string, module: 'libvirt' | 'qemu' | 'lxc' = 'libvirt') => {
  const { className, name } = pythonName(aFunction(cName, 'int', [`first:${first}`], module));
  return className === null ? name : `${className}.${name}`;
};

test('a method loses its owner’s prefix, and a Get where the class drops it', () => {
  assert.equal(nameOf('virDomainShutdownFlags', 'virDomainPtr'), 'virDomain.shutdownFlags');
  assert.equal(nameOf('virDomainGetMaxVcpus', 'virDomainPtr'), 'virDomain.maxVcpus');
  assert.equal(nameOf('virDomainSnapshotGetName', 'virDomainSnapshotPtr'), 'virDomainSnapshot.getName');
  assert.equal(nameOf('virConnectGetHostname', 'virConnectPtr'), 'virConnect.getHostname');
  assert.equal(nameOf('virNodeGetCPUStats', 'virConnectPtr'), 'virConnect.getCPUStats');
});

test('only the first letter is lowered, and some names keep it', () => {
  assert.equal(nameOf('virDomainPMWakeup', 'virDomainPtr'), 'virDomain.pMWakeup');
  assert.equal(nameOf('virDomainFSTrim', 'virDomainPtr'), 'virDomain.fSTrim');
  for (const name of ['ID', 'UUID', 'UUIDString', 'OSType', 'XMLDesc', 'MACString']) {
    assert.equal(nameOf(`virDomainGet${name}`, 'virDomainPtr'), `virDomain.${name}`);
  }
});

test('a name with another prefix than its owner’s keeps all after vir', () => {
  assert.equal(nameOf('virNetworkLookupByName', 'virConnectPtr'), 'virConnect.networkLookupByName');
  assert.equal(nameOf('virNodeDeviceCreateXML', 'virConnectPtr'), 'virConnect.nodeDeviceCreateXML');
  assert.equal(nameOf('virStoragePoolLookupByVolume', 'virStorageVolPtr'), 'virStorageVol.storagePoolLookupByVolume');
  assert.equal(nameOf('virDomainSnapshotCreateXML', 'virDomainPtr'), 'virDomain.snapshotCreateXML');
  assert.equal(nameOf('virNetworkPortCreateXML', 'virNetworkPtr'), 'virNetwork.portCreateXML');
});

test('two methods belong to another class than that of their first argument', () => {
  assert.equal(nameOf('virDomainRevertToSnapshot', 'virDomainSnapshotPtr'), 'virDomain.revertToSnapshot');
  assert.equal(nameOf('virDomainListGetStats', 'virDomainPtr *'), 'virConnect.domainListGetStats');
});

test('functions without an object belong to their module', () => {
  assert.equal(nameOf('virConnectOpenReadOnly', 'const char *'), 'openReadOnly');
  assert.equal(nameOf('virSetErrorFunc', 'void *'), 'registerErrorHandler');
  assert.equal(nameOf('virEventAddHandle', 'int'), 'virEventAddHandle');
  assert.equal(nameOf('virDomainQemuAttach', 'virConnectPtr', 'qemu'), 'qemuAttach');
  assert.equal(nameOf('virConnectDomainQemuMonitorEventRegister', 'virConnectPtr', 'qemu'), 'qemuMonitorEventRegister');
  assert.equal(nameOf('virDomainLxcEnterCGroup', 'virDomainPtr', 'lxc'), 'lxcEnterCGroup');
});

test('functions of newer releases follow the rule', () => {
  assert.equal(nameOf('virDomainSetThrottleGroup', 'virDomainPtr'), 'virDomain.setThrottleGroup');
  assert.equal(nameOf('virNetworkGetMetadata', 'virNetworkPtr'), 'virNetwork.metadata');
});

const EXCEPTIONS = `
virConnGetLastError virConnect.virConnGetLastError          virDomainGetCPUStats virDomain.getCPUStats
virConnResetLastError virConnect.virConnResetLastError      virDomainGetTime virDomain.getTime
virConnectListAllNodeDevices virConnect.listAllDevices      virDomainGetFSInfo virDomain.fsInfo
virConnectListDomains virConnect.listDomainsID              virDomainFSFreeze virDomain.fsFreeze
virDomainCreateXML virConnect.createXML                     virDomainFSThaw virDomain.fsThaw
virDomainCreateLinux virConnect.createLinux                 virDomainGetIOThreadInfo virDomain.ioThreadInfo
virDomainCreateXMLWithFiles virConnect.createXMLWithFiles   virDomainFDAssociate virDomain.FDAssociate
virDomainDefineXML virConnect.defineXML                     virNetworkGetDHCPLeases virNetwork.DHCPLeases
virDomainDefineXMLFlags virConnect.defineXMLFlags           virStorageVolCreateXML virStoragePool.createXML
virDomainLookupByID virConnect.lookupByID                   virStorageVolCreateXMLFrom virStoragePool.createXMLFrom
virDomainLookupByName virConnect.lookupByName               virStreamNew virConnect.newStream
virDomainLookupByUUID virConnect.lookupByUUID               virNWFilterDefineXML virConnect.nwfilterDefineXML
virDomainLookupByUUIDString virConnect.lookupByUUIDString   virNWFilterDefineXMLFlags virConnect.nwfilterDefineXMLFlags
virDomainRestore virConnect.restore                         virNWFilterLookupByName virConnect.nwfilterLookupByName
virDomainRestoreFlags virConnect.restoreFlags               virNWFilterLookupByUUID virConnect.nwfilterLookupByUUID
virDomainRestoreParams virConnect.restoreParams             virNWFilterLookupByUUIDString virConnect.nwfilterLookupByUUIDString
virDomainSaveImageDefineXML virConnect.saveImageDefineXML   virNWFilterBindingCreateXML virConnect.nwfilterBindingCreateXML
virDomainSaveImageGetXMLDesc virConnect.saveImageGetXMLDesc virNWFilterBindingLookupByPortDev virConnect.nwfilterBindingLookupByPortDev
virInterfaceChangeBegin virConnect.changeBegin              virInterfaceChangeCommit virConnect.changeCommit
virInterfaceChangeRollback virConnect.changeRollback`;

test('the 39 names that libvirt-python makes by no rule are its own', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  const python = new Map(plan.rows.map((row) => [row.name, row.python]));
  const exceptions = [...EXCEPTIONS.matchAll(/(\S+) (\S+)/g)].map(([, cName, name]) => [cName, name] as const);
  assert.equal(exceptions.length, 39);
  for (const [cName, name] of exceptions) assert.equal(python.get(cName ?? ''), name);
});
