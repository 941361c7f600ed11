import { ComputeError } from '../../../common/errors.js';
import type { LibvirtMetrics } from '../../metrics.js';
import { timeLeft, within } from './deadline.js';
import type { Connection } from './libvirt-calls.js';
import { isLibvirtFailure, libvirtFailed, VIR_ERR_NO_DOMAIN, VIR_ERR_NO_DOMAIN_METADATA } from './libvirt-failure.js';

export interface LinkOptions {
  /** What the connection is for; a metric label, so from a closed set. */
  readonly role: string;
  open(): Promise<Connection>;
  /** Longest time for one call, whatever the command's own deadline, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly metrics: LibvirtMetrics;
  /** Called with each new connection before anybody else gets it. */
  prepare?(connection: Connection): Promise<void>;
  /** Told when the connection is gone. */
  lost?(): void;
}

const FIRST_BACK_OFF_MS = 50;
const LAST_BACK_OFF_MS = 5000;
const ALIVE_MS = 1000;
/** Time that commands have to end on a connection that was given up: closing it takes their domains from them. */
const RETIRED_MS = 30_000;

/**
 * One libvirt connection and its successors. Opens when first used, bounds and measures every call, and forgets a connection that
 * closed or that kept a call waiting past its time: the next call opens another, and what others have under way ends on the old one. No keepalive: libvirt 9.0 hangs or crashes when one
 * runs out with two calls in flight.
 */
export class Link {
  private current: Promise<Connection> | undefined;
  private failures = 0;
  /** On the clock that nobody sets. */
  private notBefore = 0;
  private closed = false;
  private readonly retired = new Map<Promise<Connection>, NodeJS.Timeout>();

  constructor(private readonly options: LinkOptions) {}

  /**
   * One call, its connection included, bounded by the link's own limit and by `deadline`, whichever comes first. A call that outlives that is left to itself.
   * @param limitMs another limit than the link's, for calls that move a guest's memory
   * @throws ComputeError timeout past the deadline, unavailable past the link's own limit or without a connection, else by libvirt's number
   */
  async call<T>(
    fn: string,
    what: string,
    run: (connection: Connection) => Promise<T>,
    deadline = Infinity,
    limitMs = this.options.callTimeoutMs,
  ): Promise<T> {
    const limit = Math.min(limitMs, timeLeft(deadline, what));
    const end = performance.now() + limit;
    const late = () => this.tooLate(what, fn, limit < limitMs);
    const opening = this.connection();
    const connection = await within(opening, limit, late).catch((error: unknown) => {
      if (error instanceof ComputeError) this.drop(opening);
      throw libvirtFailed(`${what}: connect to libvirt`, error, 'open', false);
    });
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    this.options.metrics.inFlight?.(this.options.role, 1);
    try {
      const result = await within(run(connection), end - started, late).finally(() =>
        this.options.metrics.inFlight?.(this.options.role, -1),
      );
      this.options.metrics.observe(fn, seconds(), 'ok');
      return result;
    } catch (error) {
      const abandoned = error instanceof ComputeError;
      this.options.metrics.observe(fn, seconds(), abandoned ? 'abandoned' : 'error', isLibvirtFailure(error) ? error : undefined);
      const alive = !abandoned && (serverAnswered(error) || (await isAlive(connection)));
      if (abandoned) this.retire(opening);
      else if (!alive) this.drop(opening);
      throw libvirtFailed(what, error, fn, alive);
    }
  }

  /** Resolves when there is a connection; for links that must be open before anybody calls. */
  async ready(): Promise<void> {
    const opening = this.connection();
    await within(opening, this.options.callTimeoutMs, () => this.tooLate('connect to libvirt', 'open', false)).catch((error: unknown) => {
      this.drop(opening);
      throw libvirtFailed('connect to libvirt', error, 'open', false);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const last = this.current;
    if (last) this.options.metrics.connectionState(this.options.role, false);
    this.current = undefined;
    for (const timer of this.retired.values()) clearTimeout(timer);
    const all = [...this.retired.keys(), ...(last ? [last] : [])];
    this.retired.clear();
    await Promise.all(all.map((one) => within(this.release(one), 2000, () => new Error('close')).catch(() => {})));
  }

  private connection(): Promise<Connection> {
    if (this.closed) return Promise.reject(new ComputeError('unavailable', 'the driver is closed'));
    if (this.current) return this.current;
    const waitMs = this.notBefore - performance.now();
    if (waitMs > 0) {
      return Promise.reject(new ComputeError('unavailable', `libvirt could not be reached; next try in ${Math.ceil(waitMs)} ms`));
    }
    const opening = this.opened();
    this.current = opening;
    opening.catch(() => this.forget(opening));
    return opening;
  }

  private async opened(): Promise<Connection> {
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    let connection: Connection | undefined;
    try {
      connection = await this.options.open();
      await connection.registerCloseCallback(() => this.dropConnection(connection), null);
      await this.options.prepare?.(connection);
      this.failures = 0;
      this.options.metrics.observe('open', seconds(), 'ok');
      this.options.metrics.connectionState(this.options.role, true);
      return connection;
    } catch (error) {
      this.backOff();
      this.options.metrics.observe('open', seconds(), 'error', isLibvirtFailure(error) ? error : undefined);
      connection?.close().catch(() => {});
      throw error;
    }
  }

  /** Full jitter, so that a host's links do not all knock at once. */
  private backOff(): void {
    const ceiling = Math.min(LAST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** this.failures++);
    this.notBefore = performance.now() + Math.random() * ceiling;
  }

  private dropConnection(connection: Connection | undefined): void {
    const current = this.current;
    current?.then(
      (open) => open === connection && this.drop(current),
      () => {},
    );
  }

  private drop(connection: Promise<Connection>): void {
    if (!this.forget(connection)) return;
    this.release(connection).catch(() => {});
  }

  /** A call hangs on it, and others may be well. */
  private retire(connection: Promise<Connection>): void {
    if (!this.forget(connection)) return;
    const timer = setTimeout(() => {
      this.retired.delete(connection);
      this.release(connection).catch(() => {});
    }, RETIRED_MS);
    this.retired.set(connection, timer.unref());
  }

  private forget(connection: Promise<Connection>): boolean {
    if (this.current !== connection) return false;
    this.current = undefined;
    this.options.metrics.connectionState(this.options.role, false);
    this.options.lost?.();
    return true;
  }

  private async release(connection: Promise<Connection>): Promise<void> {
    const open = await connection;
    await open.close();
  }

  private tooLate(what: string, fn: string, byDeadline: boolean): ComputeError {
    if (byDeadline) return new ComputeError('timeout', `${what}: the deadline passed while libvirt was at ${fn}`);
    return new ComputeError('unavailable', `${what}: libvirt did not answer ${fn} within ${this.options.callTimeoutMs} ms`);
  }
}

/** Nobody but a living server says these, and every new instance hears them: not worth another call. */
function serverAnswered(error: unknown): boolean {
  return isLibvirtFailure(error) && (error.code === VIR_ERR_NO_DOMAIN || error.code === VIR_ERR_NO_DOMAIN_METADATA);
}

/** Asks the client library, not the server; bounded all the same, for hung calls of the connection may stand in its way. */
async function isAlive(connection: Connection): Promise<boolean> {
  return within(connection.isAlive(), ALIVE_MS, () => new Error('isAlive')).then(
    (alive) => alive === 1,
    () => false,
  );
}
