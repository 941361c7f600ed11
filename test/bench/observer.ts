import { PythonProcess } from './python-process.js';

/** A moment by two clocks of one machine: the monotonic one, which Node's hrtime reads, too, and the one of log files. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** virDomainEventType */
const STARTED = 2;

interface EventLine {
  readonly ready?: true;
  readonly uuid: string;
  readonly event: number;
  readonly monotonicNs: number;
  readonly wallNs: number;
}

/** Sees when guests start, on a libvirt connection of its own that neither side of the comparison uses. */
export class Observer {
  readonly #started = new Map<string, Moment>();
  readonly #waiting = new Map<string, (moment: Moment) => void>();
  #process!: PythonProcess;

  static async start(uri: string): Promise<Observer> {
    const observer = new Observer();
    let ready!: () => void;
    const readiness = new Promise<void>((resolve) => (ready = resolve));
    observer.#process = await PythonProcess.start('observer.py', [uri], (line) => {
      const event = line as EventLine;
      if (event.ready) ready();
      else if (event.event === STARTED) observer.#see(event);
    });
    await observer.#process.orGone(readiness);
    return observer;
  }

  /** When the guest started, now or later. */
  started(uuid: string): Promise<Moment> {
    const seen = this.#started.get(uuid);
    if (seen) return Promise.resolve(seen);
    return this.#process.orGone(new Promise((resolve) => this.#waiting.set(uuid, resolve)));
  }

  forget(uuid: string): void {
    this.#started.delete(uuid);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  #see({ uuid, monotonicNs, wallNs }: EventLine): void {
    const moment = { monotonicMs: monotonicNs / 1e6, wallMs: wallNs / 1e6 };
    this.#started.set(uuid, moment);
    this.#waiting.get(uuid)?.(moment);
    this.#waiting.delete(uuid);
  }
}
