import type { Deadline } from './deadline.js';
import { lossOf } from './connection-loss.js';
import { registrationsOf } from './event-registrations.js';
import { connectionOf, handleOf, settle, type Handle } from './handle.js';
import { libvirtError } from './libvirt-error.js';
import { native } from './native.js';
import { addRegistration, forgetRegistration } from './registrations.js';
import { uncaught } from './uncaught.js';

export const VIR_STREAM_EVENT_READABLE = 1;
export const VIR_STREAM_EVENT_WRITABLE = 2;
const ENDED = 4 | 8; // VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP

const VIR_ERR_INTERNAL_ERROR = 1;

interface Listener {
  events: number;
  tell(events: number): unknown;
}

/**
 * Who wants to know when a stream can be read or written. libvirt has one callback a stream: it is shared by the calls that wait and the
 * caller's own callback. The addon tells once and is quiet until it is asked again, so that a busy process is not flooded.
 */
export class Readiness {
  /** How many wait or listen. */
  #kept = 0;
  #leave = (): void => {};
  readonly #waiting = new Set<Listener>();
  #listener: Listener | null = null;
  #registration: number | null = null;
  /** What libvirt was asked for and has not told of yet. */
  #armed = 0;
  #telling = false;
  #over = false;
  /** One question after the other. */
  #asking: Promise<void> = Promise.resolve();

  constructor(private readonly stream: Handle) {}

  /** Nothing will be ready any more: the calls themselves say why. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves when the stream may be ready, or has ended. @throws CallAbandoned when the deadline passes before */
  async wait(event: number, deadline: Deadline | null): Promise<void> {
    if (this.#over) return;
    let forget = (): void => {};
    const listener: Listener = { events: event | ENDED, tell: () => {} };
    try {
      await new Promise<void>((resolve, reject) => {
        listener.tell = () => resolve();
        this.#keep();
        this.#waiting.add(listener);
        if (deadline?.reason) reject(deadline.reason);
        else if (deadline !== null) forget = deadline.whenPassed(reject);
        this.#ask().catch(reject);
      });
    } finally {
      forget();
      this.#waiting.delete(listener);
      this.#release();
    }
  }

  /** The caller's own callback. */
  async listen(events: number, tell: (events: number) => unknown): Promise<void> {
    if (this.#listener !== null) throw refusal('multiple stream callbacks not supported');
    const listener = { events, tell };
    this.#listener = listener;
    this.#keep();
    try {
      await this.#ask();
    } catch (error) {
      if (this.#listener === listener) this.#dropListener();
      throw error;
    }
  }

  async change(events: number): Promise<void> {
    if (this.#listener === null) throw refusal('no stream callback registered');
    this.#listener.events = events;
    await this.#ask();
  }

  async unlisten(): Promise<void> {
    if (this.#listener === null) throw refusal('no stream callback registered');
    this.#dropListener();
    await this.#ask();
  }

  /** Before the stream ends, for libvirt wants its callback removed first. */
  async end(): Promise<void> {
    this.wake();
    await this.#ask().catch(() => {}); // the end itself says what is wrong
  }

  /** All that wait try again: the stream was ended, or its connection. */
  wake(): void {
    this.#over = true;
    this.#dropListener();
    for (const listener of [...this.#waiting]) listener.tell(ENDED);
  }

  #dropListener(): void {
    if (this.#listener === null) return;
    this.#listener = null;
    this.#release();
  }

  /** Whoever waits or listens keeps the stream, which may be forgotten otherwise, and the process; but not a connection from closing. */
  #keep(): void {
    if (this.#kept++ > 0) return;
    busy.add(this);
    native.hold(true);
    // libvirt tells no stream of a lost connection.
    const leaveLoss = lossOf(this.stream).watch(() => this.wake());
    const leaveClose = registrationsOf(connectionOf(this.stream)).whenClosed(() => this.wake());
    this.#leave = () => {
      leaveLoss();
      leaveClose();
    };
  }

  #release(): void {
    if (--this.#kept > 0) return;
    busy.delete(this);
    native.hold(false);
    this.#leave();
  }

  #wanted(): number {
    if (this.#over) return 0;
    let events = this.#listener?.events ?? 0;
    for (const listener of this.#waiting) events |= listener.events;
    return events;
  }

  #ask(): Promise<void> {
    this.#asking = this.#asking.then(
      () => this.#arm(),
      () => this.#arm(),
    );
    return this.#asking;
  }

  async #arm(): Promise<void> {
    const wanted = this.#wanted();
    if (this.#registration === null) {
      if (this.#over || (wanted === 0 && this.#listener === null)) return;
      const weak = new WeakRef(this);
      const registration = addRegistration((_, [events]) => {
        const self = weak.deref();
        if (self !== undefined) self.#told(events as number);
      });
      // Before the call: an event may come before its promise is fulfilled.
      this.#registration = registration;
      this.#armed = wanted;
      try {
        await settle(native.virStreamEventAddCallback(handleOf(this.stream), wanted, registration));
      } catch (error) {
        forgetRegistration(registration);
        this.#registration = null;
        throw error;
      }
      forgotten.register(this, registration);
    } else if (this.#over) {
      forgetRegistration(this.#registration);
      this.#registration = null;
      this.#armed = 0;
      await settle(native.virStreamEventRemoveCallback(handleOf(this.stream)));
    } else if (wanted !== this.#armed && !this.#telling) {
      this.#armed = wanted;
      await settle(native.virStreamEventUpdateCallback(handleOf(this.stream), wanted));
    }
  }

  #told(events: number): void {
    this.#armed = 0;
    for (const listener of [...this.#waiting]) {
      if ((listener.events & events) === 0) continue;
      this.#waiting.delete(listener);
      listener.tell(events);
    }
    const own = this.#listener;
    if (own === null || (own.events & events) === 0) return this.#askAgain();
    // A callback that answers by a promise is not told again before that.
    this.#telling = true;
    const answered = (): void => {
      this.#telling = false;
      this.#askAgain();
    };
    let answer: unknown;
    try {
      answer = own.tell(events & own.events);
    } finally {
      if (answer instanceof Promise) answer.then(answered, (error: unknown) => (answered(), uncaught(error)));
      else answered();
    }
  }

  /** For those that still want to know. What goes wrong, the calls that they make will tell. */
  #askAgain(): void {
    // Those that were told may come back at once; it saves a call to wait for that.
    setImmediate(() => void this.#ask().catch(() => {}));
  }
}

const busy = new Set<Readiness>();
const forgotten = new FinalizationRegistry(forgetRegistration);

function refusal(what: string): libvirtError {
  const message = `internal error: ${what}`;
  return new libvirtError(message, [VIR_ERR_INTERNAL_ERROR, 0, message, 2, 'internal error: %s', what, null, -1, -1]);
}
