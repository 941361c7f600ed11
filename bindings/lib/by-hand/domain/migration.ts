import { handleOf, settle, settleObject } from '../../handle.js';
import { native } from '../../native.js';
import { nativeParameters, type ParametersIn } from '../../typed-parameters.js';
import * as types from '../../../generated/typed-parameter-types.js';
import type { BlockCopyParameters, MigrateParameters, SaveParameters } from '../../../generated/typed-parameters.js';
import type { virConnect } from '../../../generated/classes/virConnect.js';
import type { virDomain } from '../../../generated/classes/virDomain.js';
import { DomainGuest } from './guest.js';

/** Moving, saving and copying a domain, with dictionaries of options; and files that it is to have. */
export abstract class DomainMigration extends DomainGuest {
  /**
   * Moves the domain to another host.
   * @param dconn a connection to that host
   * @param params a name that may stand several times, such as VIR_MIGRATE_PARAM_MIGRATE_DISKS, takes an array
   * @param flags bitwise-OR of VIR_MIGRATE_...
   * @returns the domain there: its connect() is `dconn`
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainMigrate3, since libvirt 1.1.0
   */
  async migrate3(dconn: virConnect, params: ParametersIn<MigrateParameters>, flags = 0): Promise<virDomain> {
    const given = nativeParameters('virDomainMigrate3', types.MIGRATE_PARAMETERS, params);
    return settleObject('virDomain', dconn, native.virDomainMigrate3(handleOf(this), handleOf(dconn), given, flags));
  }

  /**
   * Has the host move the domain to another one.
   * @param dconnuri the other host's connection URI as this host knows it; null for a direct migration
   * @param params a name that may stand several times, such as VIR_MIGRATE_PARAM_MIGRATE_DISKS, takes an array
   * @param flags bitwise-OR of VIR_MIGRATE_...
   * @returns 0
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainMigrateToURI3, since libvirt 1.1.0
   */
  async migrateToURI3(dconnuri: string | null, params: ParametersIn<MigrateParameters>, flags = 0): Promise<number> {
    const given = nativeParameters('virDomainMigrateToURI3', types.MIGRATE_PARAMETERS, params);
    return settle(native.virDomainMigrateToURI3(handleOf(this), dconnuri, given, flags));
  }

  /**
   * Copies a disk's chain of images to another place, until blockJobAbort() ends it.
   * @param disk the disk's target, such as "vda", or its path
   * @param destxml the destination, as a <disk> element
   * @param params bandwidth in bytes/s, granularity and buf-size in bytes; null for none
   * @param flags bitwise-OR of VIR_DOMAIN_BLOCK_COPY_...
   * @returns 0
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainBlockCopy, since libvirt 1.2.8
   */
  async blockCopy(disk: string, destxml: string, params: ParametersIn<BlockCopyParameters> | null = null, flags = 0): Promise<number> {
    const given = nativeParameters('virDomainBlockCopy', types.BLOCK_COPY_PARAMETERS, params);
    return settle(native.virDomainBlockCopy(handleOf(this), disk, destxml, given, flags));
  }

  /**
   * Saves the domain's memory to a file, and stops it.
   * @param params `file` and perhaps `dxml`
   * @param flags bitwise-OR of VIR_DOMAIN_SAVE_...
   * @returns 0
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSaveParams, since libvirt 8.4.0
   */
  async saveParams(params: ParametersIn<SaveParameters>, flags = 0): Promise<number> {
    const given = nativeParameters('virDomainSaveParams', types.SAVE_PARAMETERS, params);
    return settle(native.virDomainSaveParams(handleOf(this), given, flags));
  }

  /**
   * Starts a defined domain, handing it open files.
   * @param files file descriptors; they stay the caller's to close
   * @param flags bitwise-OR of VIR_DOMAIN_START_...
   * @returns 0
   * @throws libvirtError
   * @see virDomainCreateWithFiles, since libvirt 1.1.1
   */
  createWithFiles(files: readonly number[], flags = 0): Promise<number> {
    return settle(native.virDomainCreateWithFiles(handleOf(this), files, flags));
  }

  /**
   * Gives open files a name by which the domain's disks can refer to them, until this connection closes.
   * @param files file descriptors; they stay the caller's to close
   * @param flags bitwise-OR of VIR_DOMAIN_FD_ASSOCIATE_...
   * @returns 0
   * @throws libvirtError
   * @see virDomainFDAssociate, since libvirt 9.0.0
   */
  FDAssociate(name: string, files: readonly number[], flags = 0): Promise<number> {
    return settle(native.virDomainFDAssociate(handleOf(this), name, files, flags));
  }
}
