export * from '../generated/index.js';
export { libvirtError, type LibvirtErrorTuple } from './libvirt-error.js';
export type { Credential, CredentialCallback } from './credentials.js';
export * from './int64.js';
export * from './shapes.js';
export type { ParameterInput, ParametersIn, ParameterValue } from './typed-parameters.js';
export type { PageCounts } from './by-hand/connect/node.js';
export type { GuestTimeIn } from './by-hand/domain/guest.js';
export type { PoolStats } from './native-by-hand.js';
export type { CloseCallback } from './by-hand/virConnect.js';
export type {
  DomainEventCallback,
  Events,
  NetworkEventCallback,
  NodeDeviceEventCallback,
  SecretEventCallback,
  StoragePoolEventCallback,
} from './event-callbacks.js';
export type { EventParameters, GraphicsAddress, GraphicsSubject } from './event-details.js';
export type {
  DomainEventDetails,
  NetworkEventDetails,
  NodeDeviceEventDetails,
  SecretEventDetails,
  StoragePoolEventDetails,
} from '../generated/events.js';
export type { EventsOptions } from './by-hand/connect-events.js';
export {
  virEventAddHandle,
  virEventAddTimeout,
  virEventInvokeFreeCallback,
  virEventRegisterImpl,
  virEventRemoveHandle,
  virEventRemoveTimeout,
  virEventUpdateHandle,
  virEventUpdateTimeout,
  type EventHandleCallback,
  type EventTimeoutCallback,
} from './by-hand/event-loop.js';
export type { ErrorHandler } from './error-handler.js';
export { CallAbandoned } from './abandoned.js';
export { withDeadline, type DeadlineOptions } from './deadline.js';
export type {
  StreamEventCallback,
  StreamSink,
  StreamSinkHole,
  StreamSource,
  StreamSourceHole,
  StreamSourceSkip,
} from './by-hand/virStream.js';
export {
  getVersion,
  openAuth,
  poolStats,
  setInt64Mode,
  registerErrorHandler,
  virEventRegisterDefaultImpl,
  virEventRunDefaultImpl,
  virGetLastError,
  virGetLastErrorCode,
  virGetLastErrorDomain,
  virGetLastErrorMessage,
  virResetLastError,
  type Auth,
} from './by-hand/module-functions.js';
