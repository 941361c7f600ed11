import { connectionOf, handleOf } from '../handle.js';
import { native } from '../native.js';
import { DomainMigration } from './domain/migration.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virDomain has besides the generated methods. */
export abstract class virDomainByHand extends DomainMigration {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * Its UUID as 16 bytes.
   * @throws libvirtError
   * @see virDomainGetUUID
   */
  UUID(): Buffer {
    return native.virDomainGetUUID(handleOf(this));
  }

  /**
   * Its UUID as 36 characters.
   * @throws libvirtError
   * @see virDomainGetUUIDString
   */
  UUIDString(): string {
    return native.virDomainGetUUIDString(handleOf(this));
  }
}
