import type { ErrorKind } from '../../common/errors.js';

/** A Python exception, as oslo.messaging carries it. The client makes it again when it trusts the module, else a RemoteError. */
export interface RemoteFailure {
  readonly class: string;
  readonly module: string;
  readonly message: string;
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

type Made = (message: string, instanceId: string | undefined) => RemoteFailure;

const nova =
  (name: string, code: number): Made =>
  (message) => ({ class: name, module: 'nova.exception', message, kwargs: { code } });

/** Every kind of failure as nova's callers know it. */
const FAILURES: Readonly<Record<ErrorKind, Made>> = {
  invalid: nova('Invalid', 400),
  'not-found': (message, instanceId) =>
    instanceId === undefined
      ? nova('NotFound', 404)(message, instanceId)
      : { class: 'InstanceNotFound', module: 'nova.exception', message, kwargs: { instance_id: instanceId, code: 404 } },
  'already-exists': nova('InstanceExists', 409),
  conflict: nova('InstanceInvalidState', 409),
  precondition: nova('InstanceInvalidState', 409),
  busy: nova('InstanceNotReady', 409),
  exhausted: nova('ComputeResourcesUnavailable', 400),
  unsupported: nova('NotSupported', 400),
  denied: nova('Forbidden', 403),
  timeout: (message) => ({ class: 'TimeoutError', module: 'builtins', message }),
  cancelled: nova('NovaException', 409),
  unavailable: nova('HypervisorUnavailable', 503),
  internal: nova('NovaException', 500),
};

/** Fields that name a file which the instance is made from. */
const FILES = /(?:^|\.)(?:image|kernel|initrd)\b/;

/** A failure of ours, as a caller of oslo.messaging catches it. */
export function failureOf(
  { kind, message, field }: { readonly kind: ErrorKind; readonly message: string; readonly field?: string | undefined },
  instanceId?: string,
): RemoteFailure {
  if (kind === 'not-found' && field !== undefined && FILES.test(field)) return nova('ImageNotFound', 404)(message, instanceId);
  return FAILURES[kind](message, instanceId);
}

const dispatcher = (name: string, message: string): RemoteFailure => ({ class: name, module: 'oslo_messaging.rpc.dispatcher', message });

export const noSuchMethod = (method: string): RemoteFailure => dispatcher('NoSuchMethod', `Endpoint does not support RPC method ${method}`);

export const unsupportedVersion = (version: string, method: string): RemoteFailure =>
  dispatcher('UnsupportedVersion', `Endpoint does not support RPC version ${version}. Attempted method: ${method}`);

export const typeError = (message: string): RemoteFailure => ({ class: 'TypeError', module: 'builtins', message });
