import { ComputeError } from '../../common/errors.js';
import { InstanceId } from '../../common/messages/instance-spec.js';

/** There is one project for now, which a control plane extends. */
const PROJECT = 'projects/default';
const ANY_PROJECT = 'projects/-';

export const instanceName = (id: string): string => `${PROJECT}/instances/${id}`;
export const operationName = (id: string): string => `${PROJECT}/operations/${id}`;
export const hostName = (host: string): string => `hosts/${host}`;

/** The UUID in an instance's name. @throws ComputeError invalid */
export function instanceIdOf(name: string, field = 'name'): string {
  const id = InstanceId.safeParse(lastOf(name, `${PROJECT}/instances/`));
  if (id.success) return id.data;
  throw new ComputeError('invalid', `an instance is called ${instanceName('{UUID}')}`, { field });
}

/** The last part of an operation's name. @throws ComputeError invalid */
export function operationIdOf(name: string): string {
  const id = lastOf(name, `${PROJECT}/operations/`);
  if (id !== undefined && /^[0-9a-f-]{36}$/.test(id)) return id;
  throw new ComputeError('invalid', `an operation is called ${operationName('{UUID}')}`, { field: 'name' });
}

/** @throws ComputeError invalid for a project that is not there */
export function checkProject(parent: string, field: string, any = false): void {
  if (parent === PROJECT || (any && parent === ANY_PROJECT)) return;
  throw new ComputeError('invalid', `there is one project, ${PROJECT}${any ? `, and ${ANY_PROJECT} for all` : ''}`, { field });
}

/** @throws ComputeError not-found for another host than this one */
export function checkHost(name: string, host: string, field = 'name'): void {
  if (name === hostName(host) || name === 'hosts/-') return;
  throw new ComputeError('not-found', `this is ${hostName(host)}; hosts/- is the one that there is`, { field });
}

function lastOf(name: string, prefix: string): string | undefined {
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}
