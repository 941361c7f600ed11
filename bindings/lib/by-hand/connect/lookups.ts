import { handleOf, settle, settleObject, wrapObject } from '../../handle.js';
import { native } from '../../native.js';
import { unpackRecords } from '../../packed.js';
import type { DomainStats } from '../../shapes.js';
import { nativeParameters, type ParametersIn } from '../../typed-parameters.js';
import * as types from '../../../generated/typed-parameter-types.js';
import type { IdentityParameters, SaveParameters } from '../../../generated/typed-parameters.js';
import type { virDomain } from '../../../generated/classes/virDomain.js';
import type { virNetwork } from '../../../generated/classes/virNetwork.js';
import type { virNWFilter } from '../../../generated/classes/virNWFilter.js';
import type { virSecret } from '../../../generated/classes/virSecret.js';
import type { virStoragePool } from '../../../generated/classes/virStoragePool.js';
import { ConnectNode } from './node.js';

/** Objects by their UUIDs, and domains by what is given or asked of them. */
export abstract class ConnectLookups extends ConnectNode {
  /**
   * A domain by its UUID.
   * @param uuid 16 bytes; lookupByUUIDString() takes the 36 characters
   * @throws libvirtError VIR_ERR_NO_DOMAIN; without `err` when there are not 16 bytes
   * @see virDomainLookupByUUID, since libvirt 0.0.5
   */
  lookupByUUID(uuid: Uint8Array | string): Promise<virDomain> {
    return settleObject('virDomain', this, native.virDomainLookupByUUID(handleOf(this), uuid));
  }

  /**
   * A network by its UUID.
   * @param uuid 16 bytes
   * @throws libvirtError VIR_ERR_NO_NETWORK; without `err` when there are not 16 bytes
   * @see virNetworkLookupByUUID, since libvirt 0.2.0
   */
  networkLookupByUUID(uuid: Uint8Array | string): Promise<virNetwork> {
    return settleObject('virNetwork', this, native.virNetworkLookupByUUID(handleOf(this), uuid));
  }

  /**
   * A storage pool by its UUID.
   * @param uuid 16 bytes
   * @throws libvirtError VIR_ERR_NO_STORAGE_POOL; without `err` when there are not 16 bytes
   * @see virStoragePoolLookupByUUID, since libvirt 0.4.1
   */
  storagePoolLookupByUUID(uuid: Uint8Array | string): Promise<virStoragePool> {
    return settleObject('virStoragePool', this, native.virStoragePoolLookupByUUID(handleOf(this), uuid));
  }

  /**
   * A secret by its UUID.
   * @param uuid 16 bytes
   * @throws libvirtError VIR_ERR_NO_SECRET; without `err` when there are not 16 bytes
   * @see virSecretLookupByUUID, since libvirt 0.7.1
   */
  secretLookupByUUID(uuid: Uint8Array | string): Promise<virSecret> {
    return settleObject('virSecret', this, native.virSecretLookupByUUID(handleOf(this), uuid));
  }

  /**
   * A network filter by its UUID.
   * @param uuid 16 bytes
   * @throws libvirtError VIR_ERR_NO_NWFILTER; without `err` when there are not 16 bytes
   * @see virNWFilterLookupByUUID, since libvirt 0.8.0
   */
  nwfilterLookupByUUID(uuid: Uint8Array | string): Promise<virNWFilter> {
    return settleObject('virNWFilter', this, native.virNWFilterLookupByUUID(handleOf(this), uuid));
  }

  /**
   * Statistics of all domains in one call.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param stats bitwise-OR of VIR_DOMAIN_STATS_...; 0 for all groups
   * @param flags bitwise-OR of VIR_CONNECT_GET_ALL_DOMAINS_STATS_...
   * @returns pairs of a domain and its values under libvirt's dotted names
   * @throws libvirtError
   * @see virConnectGetAllDomainStats, since libvirt 1.2.8
   */
  async getAllDomainStats(stats = 0, flags = 0): Promise<[domain: virDomain, stats: DomainStats][]> {
    const packed = await settle(native.virConnectGetAllDomainStats(handleOf(this), stats, flags));
    return unpackRecords(packed, (handle) => wrapObject('virDomain', this, handle));
  }

  /**
   * Statistics of some domains in one call.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param doms domains of this connection
   * @param stats bitwise-OR of VIR_DOMAIN_STATS_...; 0 for all groups
   * @param flags bitwise-OR of VIR_CONNECT_GET_ALL_DOMAINS_STATS_...
   * @returns pairs of a domain and its values under libvirt's dotted names
   * @throws RangeError when a domain is another connection's; TypeError when it is none; libvirtError
   * @see virDomainListGetStats, since libvirt 1.2.8
   */
  async domainListGetStats(doms: readonly virDomain[], stats = 0, flags = 0): Promise<[domain: virDomain, stats: DomainStats][]> {
    const handles = Array.isArray(doms) ? doms.map((domain: virDomain) => handleOf(domain)) : (doms as never);
    const packed = await settle(native.virDomainListGetStats(handleOf(this), handles, stats, flags));
    return unpackRecords(packed, (handle) => wrapObject('virDomain', this, handle));
  }

  /**
   * Defines a transient domain and starts it, handing it open files.
   * @param files file descriptors; they stay the caller's to close
   * @param flags bitwise-OR of VIR_DOMAIN_START_...
   * @throws libvirtError
   * @see virDomainCreateXMLWithFiles, since libvirt 1.1.1
   */
  createXMLWithFiles(xmlDesc: string, files: readonly number[], flags = 0): Promise<virDomain> {
    return settleObject('virDomain', this, native.virDomainCreateXMLWithFiles(handleOf(this), xmlDesc, files, flags));
  }

  /**
   * Restores a domain that saveParams() saved.
   * @param params `file` and perhaps `dxml`
   * @param flags bitwise-OR of VIR_DOMAIN_SAVE_...
   * @returns 0
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainRestoreParams, since libvirt 8.4.0
   */
  async restoreParams(params: ParametersIn<SaveParameters>, flags = 0): Promise<number> {
    const given = nativeParameters('virDomainRestoreParams', types.SAVE_PARAMETERS, params);
    return settle(native.virDomainRestoreParams(handleOf(this), given, flags));
  }

  /**
   * Says whom the connection acts for, where the daemon lets it.
   * @param flags unused so far
   * @returns 0
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virConnectSetIdentity, since libvirt 5.8.0
   */
  async setIdentity(params: ParametersIn<IdentityParameters>, flags = 0): Promise<number> {
    const given = nativeParameters('virConnectSetIdentity', types.IDENTITY_PARAMETERS, params);
    return settle(native.virConnectSetIdentity(handleOf(this), given, flags));
  }
}
