import { construct, handleOf, parentOf, settle } from '../handle.js';
import type { Int64In } from '../int64.js';
import { native } from '../native.js';
import { Child } from '../by-hand/child.js';
import { someParameters, type ParametersIn } from '../typed-parameters.js';
import { CLIENT_LIMITS, THREAD_POOL_PARAMETERS, type ClientLimits, type ThreadPoolParameters } from './parameters.js';
import { virAdmClient } from './virAdmClient.js';
import type { virAdmConnect } from './virAdmConnect.js';

/** A server within a daemon: libvirtd has "libvirtd" for guests and "admin" for this interface. */
export class virAdmServer extends Child {
  /** The connection that it came from: the same object every time. */
  connect(): virAdmConnect {
    return parentOf(this) as virAdmConnect;
  }

  /**
   * Its name.
   * @throws libvirtError
   * @see virAdmServerGetName, since libvirt 2.0.0
   */
  name(): string {
    return native.virAdmServerGetName(handleOf(this));
  }

  /**
   * Its clients.
   * @param flags unused so far
   * @throws libvirtError
   * @see virAdmServerListClients, since libvirt 2.0.0
   */
  async listClients(flags = 0): Promise<virAdmClient[]> {
    const handles = await settle(native.virAdmServerListClients(handleOf(this), flags));
    return handles.map((handle) => construct(virAdmClient, handle, this));
  }

  /**
   * A client by its number.
   * @param flags unused so far
   * @throws libvirtError VIR_ERR_NO_CLIENT
   * @see virAdmServerLookupClient, since libvirt 2.0.0
   */
  async lookupClient(id: Int64In, flags = 0): Promise<virAdmClient> {
    return construct(virAdmClient, await settle(native.virAdmServerLookupClient(handleOf(this), id, flags)), this);
  }

  /**
   * Its threads: how many there are and may be.
   * @param flags unused so far
   * @throws libvirtError
   * @see virAdmServerGetThreadPoolParameters, since libvirt 2.0.0
   */
  threadPoolParameters(flags = 0): Promise<ThreadPoolParameters> {
    return settle(native.virAdmServerGetThreadPoolParameters(handleOf(this), flags));
  }

  /**
   * Sets how many threads there may be: minWorkers, maxWorkers and prioWorkers.
   * @param flags unused so far
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virAdmServerSetThreadPoolParameters, since libvirt 2.0.0
   */
  async setThreadPoolParameters(params: ParametersIn<ThreadPoolParameters>, flags = 0): Promise<number> {
    const given = someParameters('virAdmServerSetThreadPoolParameters', THREAD_POOL_PARAMETERS, params);
    return settle(native.virAdmServerSetThreadPoolParameters(handleOf(this), given, flags));
  }

  /**
   * How many clients there are and may be.
   * @param flags unused so far
   * @throws libvirtError
   * @see virAdmServerGetClientLimits, since libvirt 2.0.0
   */
  clientLimits(flags = 0): Promise<ClientLimits> {
    return settle(native.virAdmServerGetClientLimits(handleOf(this), flags));
  }

  /**
   * Sets how many clients there may be: nclients_max and nclients_unauth_max.
   * @param flags unused so far
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virAdmServerSetClientLimits, since libvirt 2.0.0
   */
  async setClientLimits(params: ParametersIn<ClientLimits>, flags = 0): Promise<number> {
    const given = someParameters('virAdmServerSetClientLimits', CLIENT_LIMITS, params);
    return settle(native.virAdmServerSetClientLimits(handleOf(this), given, flags));
  }

  /**
   * Has the daemon read its TLS certificates anew.
   * @param flags unused so far
   * @returns 0
   * @throws libvirtError
   * @see virAdmServerUpdateTlsFiles, since libvirt 2.0.0
   */
  updateTlsFiles(flags = 0): Promise<number> {
    return settle(native.virAdmServerUpdateTlsFiles(handleOf(this), flags));
  }
}
