import { inspect, type InspectOptions } from 'node:util';
import { handleOf, settle, wrapObject } from '../handle.js';
import { show } from '../inspection.js';
import { lossOf } from '../connection-loss.js';
import { registrationsOf } from '../event-registrations.js';
import { lastError, noteLastError } from '../last-error.js';
import type { LibvirtErrorTuple } from '../libvirt-error.js';
import { native } from '../native.js';
import { letBlock } from './virStream.js';
import { ConnectEvents } from './connect-events.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virStream } from '../../generated/classes/virStream.js';

/** Told once when the connection is lost: `reason` is one of VIR_CONNECT_CLOSE_REASON_... */
export type CloseCallback<T> = (conn: virConnect, reason: number, opaque: T) => unknown;

const VIR_STREAM_NONBLOCK = 1;

/** What virConnect has besides the generated methods. */
export abstract class virConnectByHand extends ConnectEvents {
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
    registrationsOf(this).clear();
    lossOf(this).clear();
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
   * A stream, for the calls that take one; nothing is sent before. Unless it is ended by finish() or abort(), it is aborted when it is garbage
   * or its connection closes.
   * @param flags VIR_STREAM_NONBLOCK: recv and send give -2 where they would have to wait
   * @throws libvirtError
   * @see virStreamNew, since libvirt 0.7.2
   */
  newStream(flags = 0): virStream {
    const stream = wrapObject('virStream', this, native.virStreamNew(handleOf(this), flags));
    if ((flags & VIR_STREAM_NONBLOCK) === 0) letBlock(stream);
    return stream;
  }

  /**
   * Has `cb` called when the connection is lost. One callback a connection. The process does not end by itself meanwhile.
   * @param cb called as cb(conn, reason, opaque)
   * @returns 0
   * @throws libvirtError VIR_ERR_OPERATION_INVALID when there is one already
   * @see virConnectRegisterCloseCallback, since libvirt 0.10.0
   */
  async registerCloseCallback<T = undefined>(cb: CloseCallback<T>, opaque?: T): Promise<number> {
    if (typeof cb !== 'function') throw new TypeError('virConnectRegisterCloseCallback: cb must be a function');
    return lossOf(this).own((reason) => cb(this.#self, reason, opaque as T));
  }

  /**
   * Ends the registration of registerCloseCallback.
   * @returns 0
   * @throws libvirtError when there is none
   * @see virConnectUnregisterCloseCallback, since libvirt 0.10.0
   */
  unregisterCloseCallback(): Promise<number> {
    return lossOf(this).disown();
  }

  /** The last error of this JavaScript environment, as virGetLastError(). */
  virConnGetLastError(): LibvirtErrorTuple | null {
    return lastError();
  }

  /** Forgets it, as virResetLastError(). */
  virConnResetLastError(): void {
    noteLastError(null);
  }

  /**
   * Has libvirt ask the daemon for a sign of life when none came for a while, and give the connection up when none comes. Only remote
   * drivers know it. Before libvirt 10.4.0, this makes the calls of the connection wait for each other, because libvirt crashes otherwise.
   * @param interval seconds of silence before it asks; 0 or less turns it off
   * @param count how often it asks before it gives up
   * @returns 0 when it is on, 1 when the daemon does not know it
   * @throws libvirtError
   * @see virConnectSetKeepAlive, since libvirt 0.9.8
   */
  setKeepAlive(interval: number, count: number): Promise<number> {
    return settle(native.virConnectSetKeepAlive(handleOf(this), interval, count));
  }
}
