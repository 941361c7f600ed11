import { inspect, type InspectOptions } from 'node:util';
import { construct, Handle, handleOf, settle } from '../handle.js';
import { show } from '../inspection.js';
import { native } from '../native.js';
import { addRegistration, forgetRegistration } from '../registrations.js';
import { virAdmServer } from './virAdmServer.js';

/** Told once when the connection is lost: `reason` is one of VIR_CONNECT_CLOSE_REASON_... */
export type AdminCloseCallback<T> = (conn: virAdmConnect, reason: number, opaque: T) => unknown;

/** A connection to a daemon's administration interface. Nothing of guests is here. */
export class virAdmConnect extends Handle {
  /** That of the close callback; for a moment a second one, which libvirt refuses. Each keeps the process. */
  readonly #closeRegistrations = new Set<number>();
  #closed = false;

  /**
   * Closes the connection: waits for the calls under way and frees all objects that came from it.
   * @returns the references that libvirt still has on it; 0 when it is really closed
   * @throws libvirtError VIR_ERR_INVALID_CONN when it was closed before
   * @see virAdmConnectClose, since libvirt 2.0.0
   */
  close(): Promise<number> {
    this.#closed = true;
    const closed = native.virAdmConnectClose(handleOf(this));
    this.#forgetCloseCallbacks();
    return settle(closed);
  }

  /** `await using conn = await open()`: closes at the end of the block, unless that was done before. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) await this.close();
  }

  /** What console.log shows: the URI would take a call. */
  override [inspect.custom](_depth: number, options: InspectOptions): string {
    return #closed in this ? show(this.constructor.name, { closed: this.#closed }, options) : '{}';
  }

  /**
   * The URI that it was opened with, or the default one.
   * @throws libvirtError
   * @see virAdmConnectGetURI, since libvirt 2.0.0
   */
  getURI(): Promise<string> {
    return settle(native.virAdmConnectGetURI(handleOf(this)));
  }

  /**
   * The version of libvirt at the other end, as major * 1000000 + minor * 1000 + release.
   * @throws libvirtError
   * @see virAdmConnectGetLibVersion, since libvirt 2.0.0
   */
  getLibVersion(): Promise<number> {
    return settle(native.virAdmConnectGetLibVersion(handleOf(this)));
  }

  /**
   * Whether it is still there.
   * @returns 1 or 0
   * @throws libvirtError
   * @see virAdmConnectIsAlive, since libvirt 2.0.0
   */
  isAlive(): Promise<number> {
    return settle(native.virAdmConnectIsAlive(handleOf(this)));
  }

  /**
   * The daemon's servers.
   * @param flags unused so far
   * @throws libvirtError
   * @see virAdmConnectListServers, since libvirt 2.0.0
   */
  async listServers(flags = 0): Promise<virAdmServer[]> {
    const handles = await settle(native.virAdmConnectListServers(handleOf(this), flags));
    return handles.map((handle) => construct(virAdmServer, handle, this));
  }

  /**
   * A server by its name.
   * @param flags unused so far
   * @throws libvirtError VIR_ERR_NO_SERVER
   * @see virAdmConnectLookupServer, since libvirt 2.0.0
   */
  async lookupServer(name: string, flags = 0): Promise<virAdmServer> {
    return construct(virAdmServer, await settle(native.virAdmConnectLookupServer(handleOf(this), name, flags)), this);
  }

  /**
   * What the daemon logs, as "level:name" separated by spaces.
   * @param flags unused so far
   * @throws libvirtError
   * @see virAdmConnectGetLoggingFilters, since libvirt 3.0.0
   */
  getLoggingFilters(flags = 0): Promise<string> {
    return settle(native.virAdmConnectGetLoggingFilters(handleOf(this), flags));
  }

  /**
   * Sets what the daemon logs.
   * @param filters as "level:name" separated by spaces; "" for none; null for the default ones
   * @param flags unused so far
   * @returns 0
   * @throws libvirtError
   * @see virAdmConnectSetLoggingFilters, since libvirt 3.0.0
   */
  setLoggingFilters(filters: string | null, flags = 0): Promise<number> {
    return settle(native.virAdmConnectSetLoggingFilters(handleOf(this), filters, flags));
  }

  /**
   * Where the daemon logs to, as "level:output" separated by spaces.
   * @param flags unused so far
   * @throws libvirtError
   * @see virAdmConnectGetLoggingOutputs, since libvirt 3.0.0
   */
  getLoggingOutputs(flags = 0): Promise<string> {
    return settle(native.virAdmConnectGetLoggingOutputs(handleOf(this), flags));
  }

  /**
   * Sets where the daemon logs to.
   * @param outputs as "level:output" separated by spaces; "" or null for the default one
   * @param flags unused so far
   * @returns 0
   * @throws libvirtError
   * @see virAdmConnectSetLoggingOutputs, since libvirt 3.0.0
   */
  setLoggingOutputs(outputs: string | null, flags = 0): Promise<number> {
    return settle(native.virAdmConnectSetLoggingOutputs(handleOf(this), outputs, flags));
  }

  /**
   * Sets how long the daemon lives with nothing to do.
   * @param timeout in seconds; 0: for ever
   * @param flags unused so far
   * @returns 0
   * @throws libvirtError
   * @see virAdmConnectSetDaemonTimeout, since libvirt 8.6.0
   */
  setDaemonTimeout(timeout: number, flags = 0): Promise<number> {
    return settle(native.virAdmConnectSetDaemonTimeout(handleOf(this), timeout, flags));
  }

  /**
   * Has `cb` called when the connection is lost. One callback a connection. The process does not end by itself meanwhile.
   * @param cb called as cb(conn, reason, opaque)
   * @returns 0
   * @throws libvirtError when there is one already
   * @see virAdmConnectRegisterCloseCallback, since libvirt 2.0.0
   */
  async registerCloseCallback<T = undefined>(cb: AdminCloseCallback<T>, opaque?: T): Promise<number> {
    if (typeof cb !== 'function') throw new TypeError('virAdmConnectRegisterCloseCallback: cb must be a function');
    const registration = addRegistration((_object, [reason = 0]) => {
      this.#forgetCloseCallback(registration);
      cb(this, Number(reason), opaque as T);
    });
    this.#closeRegistrations.add(registration);
    native.hold(true);
    try {
      return await settle(native.virAdmConnectRegisterCloseCallback(handleOf(this), registration));
    } catch (error) {
      this.#forgetCloseCallback(registration);
      throw error;
    }
  }

  /**
   * Ends the registration of registerCloseCallback.
   * @returns 0
   * @throws libvirtError when there is none
   * @see virAdmConnectUnregisterCloseCallback, since libvirt 2.0.0
   */
  unregisterCloseCallback(): Promise<number> {
    this.#forgetCloseCallbacks();
    return settle(native.virAdmConnectUnregisterCloseCallback(handleOf(this)));
  }

  #forgetCloseCallbacks(): void {
    for (const registration of this.#closeRegistrations) this.#forgetCloseCallback(registration);
  }

  #forgetCloseCallback(registration: number): void {
    if (!this.#closeRegistrations.delete(registration)) return;
    forgetRegistration(registration);
    native.hold(false);
  }
}
