/** Who gives an object of each class: what a program hears that would make one by `new`. */
const ORIGINS: Readonly<Record<string, string>> = {
  virConnect: 'open(), openReadOnly() and openAuth() give one',
  virDomain: 'lookupByName(), listAllDomains(), defineXML() and others of a virConnect give one',
  virDomainCheckpoint: 'checkpointLookupByName(), listAllCheckpoints() and checkpointCreateXML() of a virDomain give one',
  virDomainSnapshot: 'snapshotLookupByName(), listAllSnapshots() and snapshotCreateXML() of a virDomain give one',
  virInterface: 'interfaceLookupByName(), listAllInterfaces() and others of a virConnect give one',
  virNWFilter: 'nwfilterLookupByName(), listAllNWFilters() and others of a virConnect give one',
  virNWFilterBinding: 'nwfilterBindingLookupByPortDev() and listAllNWFilterBindings() of a virConnect give one',
  virNetwork: 'networkLookupByName(), listAllNetworks() and others of a virConnect give one',
  virNetworkPort: 'portLookupByUUIDString(), listAllPorts() and portCreateXML() of a virNetwork give one',
  virNodeDevice: 'nodeDeviceLookupByName(), listAllDevices() and others of a virConnect give one',
  virSecret: 'secretLookupByUUIDString(), listAllSecrets() and others of a virConnect give one',
  virStoragePool: 'storagePoolLookupByName(), listAllStoragePools() and others of a virConnect give one',
  virStorageVol: 'storageVolLookupByName(), listAllVolumes() and createXML() of a virStoragePool give one',
  virStream: 'newStream() of a virConnect gives one',
  virAdmConnect: 'open() gives one',
  virAdmServer: 'lookupServer() and listServers() of a virAdmConnect give one',
  virAdmClient: 'lookupClient() and listClients() of a virAdmServer give one',
};

/** Why `new` is refused. */
export function notByNew(className: string): TypeError {
  return new TypeError(`${className} is not made by new: ${ORIGINS[className] ?? 'libvirt gives these objects'}`);
}
