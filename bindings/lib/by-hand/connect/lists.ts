import { Handle, handleOf, settle, settleObjects } from '../../handle.js';
import { native } from '../../native.js';
import type { virDomain } from '../../../generated/classes/virDomain.js';
import type { virInterface } from '../../../generated/classes/virInterface.js';
import type { virNetwork } from '../../../generated/classes/virNetwork.js';
import type { virNodeDevice } from '../../../generated/classes/virNodeDevice.js';
import type { virNWFilter } from '../../../generated/classes/virNWFilter.js';
import type { virNWFilterBinding } from '../../../generated/classes/virNWFilterBinding.js';
import type { virSecret } from '../../../generated/classes/virSecret.js';
import type { virStoragePool } from '../../../generated/classes/virStoragePool.js';

/** What a host has several of: the objects, or their names. */
export abstract class ConnectLists extends Handle {
  /**
   * All domains, or those that the flags choose.
   * @param flags bitwise-OR of VIR_CONNECT_LIST_DOMAINS_...; 0 for all
   * @throws libvirtError
   * @see virConnectListAllDomains, since libvirt 0.9.13
   */
  listAllDomains(flags = 0): Promise<virDomain[]> {
    return settleObjects('virDomain', this, native.virConnectListAllDomains(handleOf(this), flags));
  }

  /**
   * All network interfaces of the host, or those that the flags choose.
   * @param flags bitwise-OR of VIR_CONNECT_LIST_INTERFACES_...; 0 for all
   * @throws libvirtError
   * @see virConnectListAllInterfaces, since libvirt 0.10.2
   */
  listAllInterfaces(flags = 0): Promise<virInterface[]> {
    return settleObjects('virInterface', this, native.virConnectListAllInterfaces(handleOf(this), flags));
  }

  /**
   * All networks, or those that the flags choose.
   * @param flags bitwise-OR of VIR_CONNECT_LIST_NETWORKS_...; 0 for all
   * @throws libvirtError
   * @see virConnectListAllNetworks, since libvirt 0.10.2
   */
  listAllNetworks(flags = 0): Promise<virNetwork[]> {
    return settleObjects('virNetwork', this, native.virConnectListAllNetworks(handleOf(this), flags));
  }

  /**
   * All devices of the host, or those that the flags choose.
   * @param flags bitwise-OR of VIR_CONNECT_LIST_NODE_DEVICES_...; 0 for all
   * @throws libvirtError
   * @see virConnectListAllNodeDevices, since libvirt 0.10.2
   */
  listAllDevices(flags = 0): Promise<virNodeDevice[]> {
    return settleObjects('virNodeDevice', this, native.virConnectListAllNodeDevices(handleOf(this), flags));
  }

  /**
   * All network filters.
   * @param flags unused so far
   * @throws libvirtError
   * @see virConnectListAllNWFilters, since libvirt 0.10.2
   */
  listAllNWFilters(flags = 0): Promise<virNWFilter[]> {
    return settleObjects('virNWFilter', this, native.virConnectListAllNWFilters(handleOf(this), flags));
  }

  /**
   * All bindings of network filters to ports.
   * @param flags unused so far
   * @throws libvirtError
   * @see virConnectListAllNWFilterBindings, since libvirt 4.5.0
   */
  listAllNWFilterBindings(flags = 0): Promise<virNWFilterBinding[]> {
    return settleObjects('virNWFilterBinding', this, native.virConnectListAllNWFilterBindings(handleOf(this), flags));
  }

  /**
   * All secrets, or those that the flags choose.
   * @param flags bitwise-OR of VIR_CONNECT_LIST_SECRETS_...; 0 for all
   * @throws libvirtError
   * @see virConnectListAllSecrets, since libvirt 0.10.2
   */
  listAllSecrets(flags = 0): Promise<virSecret[]> {
    return settleObjects('virSecret', this, native.virConnectListAllSecrets(handleOf(this), flags));
  }

  /**
   * All storage pools, or those that the flags choose.
   * @param flags bitwise-OR of VIR_CONNECT_LIST_STORAGE_POOLS_...; 0 for all
   * @throws libvirtError
   * @see virConnectListAllStoragePools, since libvirt 0.10.2
   */
  listAllStoragePools(flags = 0): Promise<virStoragePool[]> {
    return settleObjects('virStoragePool', this, native.virConnectListAllStoragePools(handleOf(this), flags));
  }

  /**
   * The ids of the running domains. listAllDomains() gives the domains themselves, and in one call; so with the lists of names below.
   * @throws libvirtError
   * @see virConnectListDomains, since libvirt 0.0.3
   */
  listDomainsID(): Promise<number[]> {
    return settle(native.virConnectListDomains(handleOf(this)));
  }

  /**
   * The names of the domains that are defined and not running.
   * @throws libvirtError
   * @see virConnectListDefinedDomains, since libvirt 0.1.1
   */
  listDefinedDomains(): Promise<string[]> {
    return settle(native.virConnectListDefinedDomains(handleOf(this)));
  }

  /**
   * The names of the active network interfaces.
   * @throws libvirtError
   * @see virConnectListInterfaces, since libvirt 0.6.4
   */
  listInterfaces(): Promise<string[]> {
    return settle(native.virConnectListInterfaces(handleOf(this)));
  }

  /**
   * The names of the network interfaces that are defined and not active.
   * @throws libvirtError
   * @see virConnectListDefinedInterfaces, since libvirt 0.7.0
   */
  listDefinedInterfaces(): Promise<string[]> {
    return settle(native.virConnectListDefinedInterfaces(handleOf(this)));
  }

  /**
   * The names of the active networks.
   * @throws libvirtError
   * @see virConnectListNetworks, since libvirt 0.2.0
   */
  listNetworks(): Promise<string[]> {
    return settle(native.virConnectListNetworks(handleOf(this)));
  }

  /**
   * The names of the networks that are defined and not active.
   * @throws libvirtError
   * @see virConnectListDefinedNetworks, since libvirt 0.2.0
   */
  listDefinedNetworks(): Promise<string[]> {
    return settle(native.virConnectListDefinedNetworks(handleOf(this)));
  }

  /**
   * The names of the active storage pools.
   * @throws libvirtError
   * @see virConnectListStoragePools, since libvirt 0.4.1
   */
  listStoragePools(): Promise<string[]> {
    return settle(native.virConnectListStoragePools(handleOf(this)));
  }

  /**
   * The names of the storage pools that are defined and not active.
   * @throws libvirtError
   * @see virConnectListDefinedStoragePools, since libvirt 0.4.1
   */
  listDefinedStoragePools(): Promise<string[]> {
    return settle(native.virConnectListDefinedStoragePools(handleOf(this)));
  }

  /**
   * The names of the network filters.
   * @throws libvirtError
   * @see virConnectListNWFilters, since libvirt 0.8.0
   */
  listNWFilters(): Promise<string[]> {
    return settle(native.virConnectListNWFilters(handleOf(this)));
  }

  /**
   * The UUIDs of the secrets, as 36 characters each.
   * @throws libvirtError
   * @see virConnectListSecrets, since libvirt 0.7.1
   */
  listSecrets(): Promise<string[]> {
    return settle(native.virConnectListSecrets(handleOf(this)));
  }

  /**
   * The names of the host's devices.
   * @param cap only those with this capability, such as "pci" or "net"; null for all
   * @param flags unused so far
   * @throws libvirtError
   * @see virNodeListDevices, since libvirt 0.5.0
   */
  listDevices(cap: string | null, flags = 0): Promise<string[]> {
    return settle(native.virNodeListDevices(handleOf(this), cap, flags));
  }

  /**
   * The CPU models that libvirt knows.
   * @param arch such as "x86_64"
   * @param flags unused so far
   * @throws libvirtError
   * @see virConnectGetCPUModelNames, since libvirt 1.1.3
   */
  getCPUModelNames(arch: string, flags = 0): Promise<string[]> {
    return settle(native.virConnectGetCPUModelNames(handleOf(this), arch, flags));
  }
}
