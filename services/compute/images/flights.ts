import { setMaxListeners } from 'node:events';
import type { Progress, ProgressListener } from '../ports.js';

/** Somebody who waits for a flight. */
export interface Passenger {
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener | undefined;
}

/** What a flight's work is given. */
export interface Crew {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

interface Flight<T> {
  readonly arrival: Promise<T>;
  readonly passengers: Set<Passenger>;
  readonly calledOff: AbortController;
  last?: Progress;
}

/** The same work is done once at a time, however many wait for it: all hear how far it has come, and it ends when the last one leaves. */
export class Flights<T> {
  private readonly flights = new Map<string, Flight<T>>();

  has(key: string): boolean {
    return this.flights.has(key);
  }

  /** Joins the work under this key, or begins it. Rejects with the signal's reason as soon as that is aborted. */
  async join(key: string, passenger: Passenger, work: (crew: Crew) => Promise<T>): Promise<T> {
    passenger.signal.throwIfAborted();
    // Work that is called off may take a moment to end, and must have before it is begun anew.
    for (let old = this.flights.get(key); old?.calledOff.signal.aborted; old = this.flights.get(key)) {
      const end = old.arrival.then(
        () => {},
        () => {},
      );
      await orAborted(end, passenger.signal);
    }
    const flight = this.flights.get(key) ?? this.begin(key, work);
    flight.passengers.add(passenger);
    if (flight.last) passenger.onProgress?.(flight.last);
    try {
      return await orAborted(flight.arrival, passenger.signal);
    } finally {
      flight.passengers.delete(passenger);
      if (flight.passengers.size === 0 && this.flights.get(key) === flight) {
        flight.calledOff.abort(new Error('nobody waits for it any more'));
      }
    }
  }

  private begin(key: string, work: (crew: Crew) => Promise<T>): Flight<T> {
    const passengers = new Set<Passenger>();
    const calledOff = new AbortController();
    setMaxListeners(0, calledOff.signal); // each step listens, and many may
    const tell = (progress: Progress): void => {
      flight.last = progress;
      for (const { onProgress } of passengers) onProgress?.(progress);
    };
    const arrival = Promise.resolve()
      .then(() => work({ signal: calledOff.signal, onProgress: tell }))
      .finally(() => this.flights.delete(key));
    const flight: Flight<T> = { arrival, passengers, calledOff };
    arrival.catch(() => {}); // the last passenger may have left
    this.flights.set(key, flight);
    return flight;
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
