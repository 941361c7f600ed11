import { Readable, Writable, type ReadableOptions, type WritableOptions } from 'node:stream';
import type { virStream } from '../generated/classes/virStream.js';

const VIR_STREAM_EVENT_READABLE = 1;
const VIR_STREAM_EVENT_WRITABLE = 2;
const VIR_STREAM_EVENT_ERROR = 4;
const VIR_STREAM_EVENT_HANGUP = 8;

const WOULD_BLOCK = -2;
/** What one packet of libvirt's protocol holds. */
const PACKET = 262120;

/**
 * What the readable and the writable side of one stream share: who waits for it, and its end. Streams that block need no waiting; of the
 * others libvirt tells when they can be read or written.
 */
class Sides {
  #open = 0;
  #callback: Promise<unknown> | null = null;
  #listening = 0;
  readonly #waiting = new Map<number, (() => void)[]>();
  #abortion: Promise<void> | null = null;

  constructor(private readonly stream: virStream) {}

  add(): void {
    this.#open++;
  }

  /** Resolves when the stream may be ready for one of VIR_STREAM_EVENT_... */
  async ready(event: number): Promise<void> {
    const told = new Promise<void>((resolve) => this.#waiting.set(event, [...(this.#waiting.get(event) ?? []), resolve]));
    await this.#listen();
    await told;
  }

  /** Has libvirt tell of what is waited for, and of nothing else. */
  async #listen(): Promise<void> {
    let wanted = [...this.#waiting.keys()].reduce((all, event) => all | event, 0);
    if (wanted !== 0) wanted |= VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP;
    if (wanted === this.#listening) return;
    this.#listening = wanted;
    if (this.#callback === null) {
      this.#callback = this.stream.eventAddCallback(wanted, (_stream, events) => this.#told(events));
      await this.#callback;
    } else {
      await this.#callback;
      await this.stream.eventUpdateCallback(wanted);
    }
  }

  #told(events: number): void {
    const all = (events & (VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP)) !== 0;
    for (const [event, waiting] of [...this.#waiting]) {
      if (!all && (events & event) === 0) continue;
      this.#waiting.delete(event);
      for (const resolve of waiting) resolve();
    }
    // An error here comes again from the call that the waiting ones make next.
    this.#listen().catch(() => {});
  }

  /** One side is at its end; the last one finishes the stream. */
  async end(): Promise<void> {
    if (--this.#open > 0 || this.#abortion !== null) return;
    await this.#forget();
    await this.stream.finish();
  }

  /** One side is given up, and with it the stream. */
  abort(): Promise<void> {
    return (this.#abortion ??= this.#abort());
  }

  async #abort(): Promise<void> {
    await this.#forget();
    for (const waiting of this.#waiting.values()) for (const resolve of waiting) resolve();
    this.#waiting.clear();
    await this.stream.abort();
  }

  async #forget(): Promise<void> {
    if (this.#callback === null) return;
    const callback = this.#callback;
    this.#callback = null;
    await callback.then(
      () => this.stream.eventRemoveCallback(),
      () => {},
    );
  }
}

const sidesOf = new WeakMap<virStream, Sides>();

function sides(stream: virStream): Sides {
  let both = sidesOf.get(stream);
  if (both === undefined) sidesOf.set(stream, (both = new Sides(stream)));
  both.add();
  return both;
}

type Done = (error?: Error | null) => void;

function settleTo(done: Done, work: Promise<void>): void {
  work.then(
    () => done(),
    (error: unknown) => done(error as Error),
  );
}

export function streamReadable(stream: virStream, options: Pick<ReadableOptions, 'highWaterMark' | 'signal'>): Readable {
  const both = sides(stream);
  let over = false;
  const readable: Readable = new Readable({
    highWaterMark: PACKET,
    ...options,
    read: () => {
      receive().catch((error: unknown) => readable.destroy(error as Error));
    },
    destroy: (error, done) => {
      if (over) return done(error);
      over = true;
      // What the abort says is of no interest beside the reason for it.
      both.abort().then(
        () => done(error),
        () => done(error),
      );
    },
  });
  const receive = async (): Promise<void> => {
    for (;;) {
      const data = await stream.recv(PACKET);
      if (over) return;
      if (data === WOULD_BLOCK) {
        await both.ready(VIR_STREAM_EVENT_READABLE);
        if (over) return;
        continue;
      }
      if (data.length > 0) {
        readable.push(data);
        return;
      }
      over = true;
      await both.end();
      readable.push(null);
      return;
    }
  };
  return readable;
}

export function streamWritable(stream: virStream, options: Pick<WritableOptions, 'highWaterMark' | 'signal'>): Writable {
  const both = sides(stream);
  let over = false;
  const send = async (chunk: Uint8Array): Promise<void> => {
    for (let rest = chunk; rest.length > 0 && !over;) {
      const sent = await stream.send(rest.length > PACKET ? rest.subarray(0, PACKET) : rest);
      if (sent === WOULD_BLOCK) await both.ready(VIR_STREAM_EVENT_WRITABLE);
      else rest = rest.subarray(sent);
    }
  };
  return new Writable({
    highWaterMark: PACKET,
    ...options,
    write: (chunk: Uint8Array, _encoding, done) => settleTo(done, send(chunk)),
    final: (done) => {
      over = true;
      settleTo(done, both.end());
    },
    destroy: (error, done) => {
      if (over) return done(error);
      over = true;
      both.abort().then(
        () => done(error),
        () => done(error),
      );
    },
  });
}
