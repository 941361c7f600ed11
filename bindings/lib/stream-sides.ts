import { Readable, Writable, type ReadableOptions, type WritableOptions } from 'node:stream';
import type { virStream } from '../generated/classes/virStream.js';

/** What one packet of libvirt's protocol holds. */
const PACKET = 262120;

/** What the readable and the writable side of one stream share: its end. */
class Sides {
  #open = 0;
  #abortion: Promise<unknown> | null = null;

  constructor(private readonly stream: virStream) {}

  add(): this {
    this.#open++;
    return this;
  }

  /** One side is at its end; the last one finishes the stream. */
  async end(): Promise<void> {
    if (--this.#open === 0 && this.#abortion === null) await this.stream.finish();
  }

  /** One side is given up, and with it the stream. What the abort says is of no interest beside the reason for it. */
  async abort(): Promise<void> {
    this.#abortion ??= this.stream.abort().catch(() => {});
    await this.#abortion;
  }
}

const sidesOf = new WeakMap<virStream, Sides>();

function sides(stream: virStream): Sides {
  let both = sidesOf.get(stream);
  if (both === undefined) sidesOf.set(stream, (both = new Sides(stream)));
  return both.add();
}

/** `recv` waits until there is something. */
export function streamReadable(
  stream: virStream,
  recv: (nbytes: number) => Promise<Buffer>,
  options: Pick<ReadableOptions, 'highWaterMark' | 'signal'>,
): Readable {
  const both = sides(stream);
  let over = false;
  const receive = async (): Promise<void> => {
    const data = await recv(PACKET);
    if (over) return;
    if (data.length > 0) {
      readable.push(data);
      return;
    }
    over = true;
    await both.end();
    readable.push(null);
  };
  const readable: Readable = new Readable({
    highWaterMark: PACKET,
    ...options,
    read: () => void receive().catch((error: unknown) => readable.destroy(error as Error)),
    destroy: (error, done) => {
      if (over) return done(error);
      over = true;
      void both.abort().then(() => done(error));
    },
  });
  return readable;
}

/** `send` waits until something can be sent, and says how much was. */
export function streamWritable(
  stream: virStream,
  send: (data: Uint8Array) => Promise<number>,
  options: Pick<WritableOptions, 'highWaterMark' | 'signal'>,
): Writable {
  const both = sides(stream);
  let over = false;
  const sendAll = async (chunk: Uint8Array): Promise<void> => {
    for (let rest = chunk; rest.length > 0 && !over;) rest = rest.subarray(await send(rest.subarray(0, PACKET)));
  };
  return new Writable({
    highWaterMark: PACKET,
    ...options,
    write: (chunk: Uint8Array, _encoding, done) => settleTo(done, sendAll(chunk)),
    final: (done) => {
      over = true;
      settleTo(done, both.end());
    },
    destroy: (error, done) => {
      if (over) return done(error);
      over = true;
      void both.abort().then(() => done(error));
    },
  });
}

function settleTo(done: (error?: Error | null) => void, work: Promise<void>): void {
  work.then(
    () => done(),
    (error: unknown) => done(error as Error),
  );
}
