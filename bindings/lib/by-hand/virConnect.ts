import { DomainEvents, type DomainLifecycleCallback } from '../domain-events.js';
import { handleOf, settle } from '../handle.js';
import { lastError } from '../last-error.js';
import { libvirtError, type LibvirtErrorTuple } from '../libvirt-error.js';
import { native } from '../native.js';
import { addRegistration, forgetRegistration } from '../registrations.js';
import { ConnectLookups } from './connect/lookups.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virDomain } from '../../generated/classes/virDomain.js';

/** Told once when the connection is lost: `reason` is one of VIR_CONNECT_CLOSE_REASON_... */
export type CloseCallback<T> = (conn: virConnect, reason: number, opaque: T) => unknown;

const VIR_ERR_OPERATION_INVALID = 55;

/** What virConnect has besides the generated methods. */
export abstract class virConnectByHand extends ConnectLookups {
  readonly #events = new DomainEvents(this.#self);
  #closeRegistration: number | null = null;
  #closed = false;

  get #self(): virConnect {
    return this as unknown as virConnect;
  }

  /**
   * Closes the connection: waits for the calls under way, ends every registration, frees all objects that came from the connection, and closes.
   * Nothing may be called on it or on them afterwards.
   * @returns the references that libvirt still has on it; 0 when it is really closed
   * @throws libvirtError VIR_ERR_INVALID_CONN when it was closed before
   * @see virConnectClose, since libvirt 0.0.3
   */
  close(): Promise<number> {
    this.#closed = true;
    const closed = native.virConnectClose(handleOf(this));
    this.#events.clear();
    this.#forgetCloseCallback();
    return settle(closed);
  }

  /** `await using conn = await open()`: closes at the end of the block, unless that was done before. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) await this.close();
  }

  /**
   * Has `cb` called for every such event. Several callbacks may be registered for the same. The process does not end by itself while any is.
   * An error thrown by the callback is an uncaught exception.
   * @param dom only events of this domain; null for all
   * @param eventID VIR_DOMAIN_EVENT_ID_LIFECYCLE; others are not supported yet
   * @param cb called as cb(conn, dom, event, detail, opaque)
   * @param opaque handed to the callback as it is
   * @returns the id for domainEventDeregisterAny
   * @throws libvirtError
   * @see virConnectDomainEventRegisterAny, since libvirt 0.8.0
   */
  domainEventRegisterAny<T = undefined>(
    dom: virDomain | null,
    eventID: number,
    cb: DomainLifecycleCallback<T>,
    opaque?: T,
  ): Promise<number> {
    return this.#events.add(dom, eventID, cb, opaque as T);
  }

  /**
   * Ends a registration: the callback is not called any more from now on, whatever becomes of the promise.
   * @param callbackID from domainEventRegisterAny
   * @returns 0
   * @throws libvirtError VIR_ERR_INVALID_ARG for an unknown id
   * @see virConnectDomainEventDeregisterAny, since libvirt 0.8.0
   */
  domainEventDeregisterAny(callbackID: number): Promise<number> {
    return this.#events.remove(callbackID);
  }

  /**
   * Has `cb` called when the connection is lost. One callback a connection.
   * @param cb called as cb(conn, reason, opaque)
   * @returns 0
   * @throws libvirtError VIR_ERR_OPERATION_INVALID when there is one already
   * @see virConnectRegisterCloseCallback, since libvirt 0.10.0
   */
  async registerCloseCallback<T = undefined>(cb: CloseCallback<T>, opaque?: T): Promise<number> {
    if (typeof cb !== 'function') throw new TypeError('virConnectRegisterCloseCallback: cb must be a function');
    if (this.#closeRegistration !== null) {
      const message = 'Requested operation is not valid: A close callback is already registered';
      throw new libvirtError(message, [
        VIR_ERR_OPERATION_INVALID,
        0,
        message,
        2,
        'Requested operation is not valid: %s',
        'A close callback is already registered',
        null,
        -1,
        -1,
      ]);
    }
    const registration = addRegistration((_object, [reason = 0]) => {
      this.#forgetCloseCallback();
      cb(this.#self, reason, opaque as T);
    });
    this.#closeRegistration = registration;
    try {
      return await settle(native.virConnectRegisterCloseCallback(handleOf(this), registration));
    } catch (error) {
      this.#forgetCloseCallback();
      throw error;
    }
  }

  /**
   * Ends the registration of registerCloseCallback.
   * @returns 0
   * @throws libvirtError when there is none
   * @see virConnectUnregisterCloseCallback, since libvirt 0.10.0
   */
  unregisterCloseCallback(): Promise<number> {
    this.#forgetCloseCallback();
    return settle(native.virConnectUnregisterCloseCallback(handleOf(this)));
  }

  /** The last error of this JavaScript environment, as virGetLastError(). */
  virConnGetLastError(): LibvirtErrorTuple | null {
    return lastError();
  }

  #forgetCloseCallback(): void {
    if (this.#closeRegistration !== null) forgetRegistration(this.#closeRegistration);
    this.#closeRegistration = null;
  }
}
