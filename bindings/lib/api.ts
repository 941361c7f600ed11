export * from '../generated/index.js';
export { libvirtError, type LibvirtErrorTuple } from './libvirt-error.js';
export type { Credential, CredentialCallback } from './credentials.js';
export type { DomainLifecycleCallback } from './domain-events.js';
export * from './int64.js';
export * from './shapes.js';
export type { ParameterInput, ParametersIn, ParameterValue } from './typed-parameters.js';
export type { PageCounts } from './by-hand/connect/node.js';
export type { GuestTimeIn } from './by-hand/domain/guest.js';
export type { PoolStats } from './native-by-hand.js';
export type { CloseCallback } from './by-hand/virConnect.js';
export {
  getVersion,
  openAuth,
  poolStats,
  setInt64Mode,
  virEventRegisterDefaultImpl,
  virEventRunDefaultImpl,
  virGetLastError,
  virGetLastErrorCode,
  virGetLastErrorDomain,
  virGetLastErrorMessage,
  virResetLastError,
  type Auth,
} from './by-hand/module-functions.js';
