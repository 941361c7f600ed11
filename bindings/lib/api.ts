export * from '../generated/index.js';
export { libvirtError, type LibvirtErrorTuple } from './libvirt-error.js';
export type { Credential, CredentialCallback } from './credentials.js';
export type { DomainLifecycleCallback } from './domain-events.js';
export type { DomainStats } from './domain-stats.js';
export type { Int64 } from './int64.js';
export type { PoolStats } from './native-by-hand.js';
export type { CloseCallback } from './by-hand/virConnect.js';
export type { DomainInfo } from './by-hand/virDomain.js';
export {
  getVersion,
  openAuth,
  poolStats,
  virEventRegisterDefaultImpl,
  virEventRunDefaultImpl,
  virGetLastError,
  virGetLastErrorCode,
  virGetLastErrorDomain,
  virGetLastErrorMessage,
  virResetLastError,
  type Auth,
} from './by-hand/module-functions.js';
