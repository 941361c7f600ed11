import type { ApiFunction } from './api-list.js';
import { CLASSES, type ClassName } from './type-table.js';

/** Where a Python program finds a function: a method of a class, or a function of its module. */
export interface PythonName {
  readonly className: ClassName | null;
  readonly name: string;
}

/** Methods whose class is not the class of their first argument. */
const OWNER_EXCEPTIONS: Readonly<Record<string, ClassName>> = {
  virDomainRevertToSnapshot: 'virDomain',
  virDomainListGetStats: 'virConnect',
};

/** The method names that the rule below does not give. */
const NAME_EXCEPTIONS: Readonly<Record<string, string>> = {
  virConnGetLastError: 'virConnGetLastError',
  virConnResetLastError: 'virConnResetLastError',
  virConnectListAllNodeDevices: 'listAllDevices',
  virConnectListDomains: 'listDomainsID',
  virDomainCreateLinux: 'createLinux',
  virDomainCreateXML: 'createXML',
  virDomainCreateXMLWithFiles: 'createXMLWithFiles',
  virDomainDefineXML: 'defineXML',
  virDomainDefineXMLFlags: 'defineXMLFlags',
  virDomainFDAssociate: 'FDAssociate',
  virDomainFSFreeze: 'fsFreeze',
  virDomainFSThaw: 'fsThaw',
  virDomainGetCPUStats: 'getCPUStats',
  virDomainGetFSInfo: 'fsInfo',
  virDomainGetIOThreadInfo: 'ioThreadInfo',
  virDomainGetTime: 'getTime',
  virDomainLookupByID: 'lookupByID',
  virDomainLookupByName: 'lookupByName',
  virDomainLookupByUUID: 'lookupByUUID',
  virDomainLookupByUUIDString: 'lookupByUUIDString',
  virDomainRestore: 'restore',
  virDomainRestoreFlags: 'restoreFlags',
  virDomainRestoreParams: 'restoreParams',
  virDomainSaveImageDefineXML: 'saveImageDefineXML',
  virDomainSaveImageGetXMLDesc: 'saveImageGetXMLDesc',
  virInterfaceChangeBegin: 'changeBegin',
  virInterfaceChangeCommit: 'changeCommit',
  virInterfaceChangeRollback: 'changeRollback',
  virNWFilterBindingCreateXML: 'nwfilterBindingCreateXML',
  virNWFilterBindingLookupByPortDev: 'nwfilterBindingLookupByPortDev',
  virNWFilterDefineXML: 'nwfilterDefineXML',
  virNWFilterDefineXMLFlags: 'nwfilterDefineXMLFlags',
  virNWFilterLookupByName: 'nwfilterLookupByName',
  virNWFilterLookupByUUID: 'nwfilterLookupByUUID',
  virNWFilterLookupByUUIDString: 'nwfilterLookupByUUIDString',
  virNetworkGetDHCPLeases: 'DHCPLeases',
  virStorageVolCreateXML: 'createXML',
  virStorageVolCreateXMLFrom: 'createXMLFrom',
  virStreamNew: 'newStream',
};

/** Functions of the module `libvirt` that do not keep their C name. */
const MODULE_FUNCTIONS: Readonly<Record<string, string>> = {
  virConnectOpen: 'open',
  virConnectOpenAuth: 'openAuth',
  virConnectOpenReadOnly: 'openReadOnly',
  virGetVersion: 'getVersion',
  virSetErrorFunc: 'registerErrorHandler',
};

/** These classes keep a leading `Get`. */
const KEEPS_GET: ReadonlySet<ClassName> = new Set<ClassName>(['virConnect', 'virDomainSnapshot', 'virDomainCheckpoint', 'virStream']);

/** Names that stay as they are, where the first letter of every other one is lowered. */
const CAPITAL_NAMES: ReadonlySet<string> = new Set(['ID', 'UUID', 'UUIDString', 'OSType', 'XMLDesc', 'MACString']);

/** The name under which libvirt-python offers a function, by its naming rule. */
export function pythonName(fn: ApiFunction): PythonName {
  if (fn.module !== 'libvirt') return { className: null, name: lowerFirst(fn.name.replace(/^vir(ConnectDomain|Domain|Connect|)/, '')) };
  const className = ownerOf(fn);
  if (className === null) return { className, name: MODULE_FUNCTIONS[fn.name] ?? fn.name };
  return { className, name: NAME_EXCEPTIONS[fn.name] ?? methodName(fn.name, className) };
}

function ownerOf(fn: ApiFunction): ClassName | null {
  const exception = OWNER_EXCEPTIONS[fn.name];
  if (exception) return exception;
  const first = fn.args[0]?.type;
  return CLASSES.find((name) => first === `${name}Ptr`) ?? null;
}

function methodName(cName: string, owner: ClassName): string {
  let name = withoutPrefix(cName, owner);
  if (!KEEPS_GET.has(owner) && name.startsWith('Get')) name = name.slice('Get'.length);
  return CAPITAL_NAMES.has(name) ? name : lowerFirst(name);
}

/** A C name without its owner's prefix; a name that has another prefix keeps everything after `vir`. */
function withoutPrefix(cName: string, owner: ClassName): string {
  if (cName.startsWith(owner)) return cName.slice(owner.length);
  if (owner === 'virConnect' && cName.startsWith('virNode') && !cName.startsWith('virNodeDevice')) return cName.slice('virNode'.length);
  return cName.slice('vir'.length);
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
