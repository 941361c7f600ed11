import { currentDeadline, under } from '../deadline.js';
import { connectionOf, handleOf, settle } from '../handle.js';
import { libvirtError } from '../libvirt-error.js';
import { native } from '../native.js';
import { Readiness, VIR_STREAM_EVENT_READABLE, VIR_STREAM_EVENT_WRITABLE } from '../stream-readiness.js';
import { streamReadable, streamWritable } from '../stream-sides.js';
import { nameOf } from '../value-names.js';
import { Child } from './child.js';
import type { Readable, ReadableOptions, Writable, WritableOptions } from 'node:stream';
import type { Int64 } from '../int64.js';
import type { virStream } from '../../generated/classes/virStream.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** Told that a stream can be read or written: `events` is a bitwise-OR of VIR_STREAM_EVENT_... */
export type StreamEventCallback<T = undefined> = (stream: virStream, events: number, opaque: T) => unknown;

/** Takes bytes that have come; a negative number, or an error, aborts the stream. May do so later, by a promise. */
export type StreamSink<T> = (stream: virStream, data: Buffer, opaque: T) => unknown;
/** Takes the length of a hole; as for StreamSink. */
export type StreamSinkHole<T> = (stream: virStream, length: Int64, opaque: T) => unknown;
/** Gives at most so many bytes, or none or null at the end; by a promise where it likes. An error aborts the stream. */
export type StreamSource<T> = (stream: virStream, nbytes: number, opaque: T) => Uint8Array | null | Promise<Uint8Array | null>;
type Section = readonly [inData: boolean | number, length: Int64];
/** Whether data comes next, or a hole, and how long it is. */
export type StreamSourceHole<T> = (stream: virStream, opaque: T) => Section | Promise<Section>;
/** Passes a hole by; as for StreamSink. */
export type StreamSourceSkip<T> = (stream: virStream, length: Int64, opaque: T) => unknown;

/** @throws TypeError for what a caller without types may give */
function checkHandlers(function_: string, handlers: Readonly<Record<string, unknown>>): void {
  for (const [name, handler] of Object.entries(handlers)) {
    if (typeof handler !== 'function') throw new TypeError(`${function_}: ${name} must be a function, not ${nameOf(handler)}`);
  }
}

function sectionOf(given: unknown): Section {
  if (Array.isArray(given) && given.length === 2 && (typeof given[1] === 'number' || typeof given[1] === 'bigint')) {
    return given as unknown as Section;
  }
  throw new TypeError(`virStreamSparseSendAll: holeHandler must give [whether data comes next, length], not ${nameOf(given)}`);
}

/** What one packet of libvirt's protocol holds, and libvirt-python's virStorageVol.streamBufSize. */
export const STREAM_BUFFER_SIZE = 262120;

const WOULD_BLOCK = -2;
const AT_HOLE = -3;
const VIR_STREAM_RECV_STOP_AT_HOLE = 1;

/** What is asked of one direction of a stream, one after the other. */
class Line {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step, step);
    this.#last = result.catch(() => {});
    return result;
  }
}

let setBlocking: (stream: virStreamByHand) => void;

/** Has the calls on a stream wait until they can do something, as those of C do without VIR_STREAM_NONBLOCK. */
export function letBlock(stream: virStreamByHand): void {
  setBlocking(stream);
}

/**
 * What virStream has besides the generated methods. Sending calls are made in the order in which they are asked for, whether the earlier ones
 * are awaited or not, and so are receiving ones; neither waits for the other, and none of them on a thread. abort() goes before all, and ends
 * those that wait.
 */
export abstract class virStreamByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  readonly #readiness = new Readiness(this);
  readonly #sending = new Line();
  readonly #receiving = new Line();
  #blocking = false;

  static {
    setBlocking = (stream) => {
      stream.#blocking = true;
    };
  }

  get #self(): virStream {
    return this;
  }

  /**
   * The next bytes of the stream.
   * @param nbytes at most so many
   * @returns the bytes, none at the end of the stream; -2 when there are none yet and the stream is one that does not block
   * @throws libvirtError
   * @see virStreamRecv, since libvirt 0.7.2
   */
  recv(nbytes: number): Promise<Buffer | -2> {
    return this.#receive(() => native.virStreamRecv(handleOf(this), nbytes));
  }

  /**
   * As recv, and with VIR_STREAM_RECV_STOP_AT_HOLE it stops at holes.
   * @returns as recv; -3 at a hole, whose length recvHole gives
   * @throws libvirtError
   * @see virStreamRecvFlags, since libvirt 3.4.0
   */
  recvFlags(nbytes: number, flags = 0): Promise<Buffer | -2 | -3> {
    return this.#receive(() => native.virStreamRecvFlags(handleOf(this), nbytes, flags));
  }

  /**
   * Passes the hole by at which recvFlags stopped.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @returns its length in bytes
   * @throws libvirtError
   * @see virStreamRecvHole, since libvirt 3.4.0
   */
  recvHole(flags = 0): Promise<Int64> {
    return this.#receive(() => native.virStreamRecvHole(handleOf(this), flags));
  }

  /**
   * Sends bytes.
   * @param data copied before the call returns
   * @returns how many were sent, maybe not all; -2 when none could be and the stream is one that does not block
   * @throws libvirtError
   * @see virStreamSend, since libvirt 0.7.2
   */
  send(data: Uint8Array): Promise<number> {
    const bytes = this.#blocking && data instanceof Uint8Array ? new Uint8Array(data) : data;
    return this.#send(() => native.virStreamSend(handleOf(this), bytes));
  }

  /**
   * Sends a hole: bytes that read as zeros and take no room.
   * @param length in bytes
   * @returns 0
   * @throws libvirtError
   * @see virStreamSendHole, since libvirt 3.4.0
   */
  sendHole(length: Int64 | bigint, flags = 0): Promise<number> {
    return this.#send(() => native.virStreamSendHole(handleOf(this), length, flags));
  }

  /**
   * Receives to the end of the stream. To be followed by finish().
   * @param handler called as handler(stream, data, opaque), each time when the last has done; a negative result or an error aborts the stream
   * @throws libvirtError also for a stream that does not block
   * @throws Error when the handler returned a negative number, or what it threw
   * @see virStreamRecvAll, since libvirt 0.7.2
   */
  async recvAll<T = undefined>(handler: StreamSink<T>, opaque?: T): Promise<void> {
    checkHandlers('virStreamRecvAll', { handler });
    for (;;) {
      const data = await this.recv(STREAM_BUFFER_SIZE);
      if (data === WOULD_BLOCK) throw new libvirtError('cannot use recvAll with nonblocking stream');
      if (data.length === 0) return;
      await this.#orAbort('recvAll handler', () => handler(this.#self, data, opaque as T));
    }
  }

  /**
   * Sends all that the handler gives. To be followed by finish().
   * @param handler called as handler(stream, nbytes, opaque); gives at most nbytes bytes, none at the end
   * @throws libvirtError also for a stream that does not block
   * @throws what the handler threw, after which the stream is aborted
   * @see virStreamSendAll, since libvirt 0.7.2
   */
  async sendAll<T = undefined>(handler: StreamSource<T>, opaque?: T): Promise<void> {
    checkHandlers('virStreamSendAll', { handler });
    for (;;) {
      const data = await this.#orAbort('sendAll handler', () => handler(this.#self, STREAM_BUFFER_SIZE, opaque as T));
      if (data === null || data === undefined || data.length === 0) return;
      await this.#sendWhole('sendAll', data);
    }
  }

  /**
   * Receives to the end of a stream that was opened for sparse data. To be followed by finish().
   * @param handler for the data, as for recvAll
   * @param holeHandler called as holeHandler(stream, length, opaque) for each hole
   * @throws libvirtError also for a stream that does not block
   * @see virStreamSparseRecvAll, since libvirt 3.4.0
   */
  async sparseRecvAll<T = undefined>(handler: StreamSink<T>, holeHandler: StreamSinkHole<T>, opaque?: T): Promise<void> {
    checkHandlers('virStreamSparseRecvAll', { handler, holeHandler });
    for (;;) {
      const data = await this.recvFlags(STREAM_BUFFER_SIZE, VIR_STREAM_RECV_STOP_AT_HOLE);
      if (data === WOULD_BLOCK) throw new libvirtError('cannot use sparseRecvAll with nonblocking stream');
      if (data === AT_HOLE) {
        const length = await this.recvHole();
        await this.#orAbort('sparseRecvAll holeHandler', () => holeHandler(this.#self, length, opaque as T));
      } else if (data.length === 0) {
        return;
      } else {
        await this.#orAbort('sparseRecvAll handler', () => handler(this.#self, data, opaque as T));
      }
    }
  }

  /**
   * Sends data and holes. To be followed by finish().
   * @param handler called as handler(stream, nbytes, opaque); gives at most nbytes bytes, none at the end
   * @param holeHandler called as holeHandler(stream, opaque); says whether data comes next, and how long the section is
   * @param skipHandler called as skipHandler(stream, length, opaque); passes a hole by
   * @throws libvirtError also for a stream that does not block
   * @see virStreamSparseSendAll, since libvirt 3.4.0
   */
  async sparseSendAll<T = undefined>(
    handler: StreamSource<T>,
    holeHandler: StreamSourceHole<T>,
    skipHandler: StreamSourceSkip<T>,
    opaque?: T,
  ): Promise<void> {
    checkHandlers('virStreamSparseSendAll', { handler, holeHandler, skipHandler });
    for (;;) {
      const [inData, length] = await this.#orAbort('sparseSendAll holeHandler', async () =>
        sectionOf(await holeHandler(this.#self, opaque as T)),
      );
      if (!inData && length > 0) {
        await this.sendHole(length);
        await this.#orAbort('sparseSendAll skipHandler', () => skipHandler(this.#self, length, opaque as T));
        continue;
      }
      const most = Math.min(STREAM_BUFFER_SIZE, Number(length));
      const data = await this.#orAbort('sparseSendAll handler', () => handler(this.#self, most, opaque as T));
      if (data === null || data === undefined || data.length === 0) return;
      await this.#sendWhole('sparseSendAll', data);
    }
  }

  /**
   * Has `cb` called when the stream, made with VIR_STREAM_NONBLOCK, can be read or written. The process does not end by itself meanwhile.
   * As long as it can, libvirt tells again when the callback has returned, or its promise is settled: take VIR_STREAM_EVENT_WRITABLE out by
   * eventUpdateCallback when there is nothing to write.
   * @param events bitwise-OR of VIR_STREAM_EVENT_...
   * @param cb called as cb(stream, events, opaque)
   * @returns 0
   * @throws libvirtError also when there is a callback already
   * @see virStreamEventAddCallback, since libvirt 0.7.2
   */
  async eventAddCallback<T = undefined>(events: number, cb: StreamEventCallback<T>, opaque?: T): Promise<number> {
    if (typeof cb !== 'function') throw new TypeError('virStreamEventAddCallback: cb must be a function');
    await this.#readiness.listen(events, (told) => cb(this.#self, told, opaque as T));
    return 0;
  }

  /**
   * Changes what the callback is told of.
   * @param events bitwise-OR of VIR_STREAM_EVENT_...
   * @returns 0
   * @throws libvirtError when there is no callback
   * @see virStreamEventUpdateCallback, since libvirt 0.7.2
   */
  async eventUpdateCallback(events: number): Promise<number> {
    await this.#readiness.change(events);
    return 0;
  }

  /**
   * Ends the registration of eventAddCallback: the callback is not called any more from now on, whatever becomes of the promise.
   * @returns 0
   * @throws libvirtError when there is none
   * @see virStreamEventRemoveCallback, since libvirt 0.7.2
   */
  async eventRemoveCallback(): Promise<number> {
    await this.#readiness.unlisten();
    return 0;
  }

  /**
   * Ends the stream in good order, after all was sent or received: what went wrong at the other end is said here.
   * @returns 0
   * @throws libvirtError
   * @see virStreamFinish, since libvirt 0.7.2
   */
  async finish(): Promise<number> {
    virStreamByHand.#check(this, 'virStreamFinish');
    const deadline = currentDeadline();
    return this.#sending.run(async () => {
      await this.#readiness.end();
      return settle(under(deadline, () => native.virStreamFinish(handleOf(this))));
    });
  }

  /**
   * Ends the stream before all was sent or received. Calls that wait on the stream fail.
   * @returns 0
   * @throws libvirtError
   * @see virStreamAbort, since libvirt 0.7.2
   */
  async abort(): Promise<number> {
    virStreamByHand.#check(this, 'virStreamAbort');
    const deadline = currentDeadline();
    await this.#readiness.end();
    return settle(under(deadline, () => native.virStreamAbort(handleOf(this))));
  }

  /**
   * What comes from the stream as Node's Readable: in order, no faster than it is read, finished at the end, aborted when it is destroyed
   * before. libvirt-python has no such method.
   */
  readable(options: Pick<ReadableOptions, 'highWaterMark' | 'signal'> = {}): Readable {
    return streamReadable(
      this.#self,
      (nbytes) => this.#whenReady(this.#receiving, VIR_STREAM_EVENT_READABLE, () => native.virStreamRecv(handleOf(this), nbytes)),
      options,
    );
  }

  /**
   * The way into the stream as Node's Writable: in order, as fast as the other end takes it, finished by end(), aborted when it is destroyed
   * before. With readable() on the same stream, the stream is finished when both are. libvirt-python has no such method.
   */
  writable(options: Pick<WritableOptions, 'highWaterMark' | 'signal'> = {}): Writable {
    return streamWritable(
      this.#self,
      (data) => this.#whenReady(this.#sending, VIR_STREAM_EVENT_WRITABLE, () => native.virStreamSend(handleOf(this), data)),
      options,
    );
  }

  /** `await using stream = conn.newStream()`: gives it up at the end of the block, and aborts it unless it was finished before. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.abort();
    } catch (error) {
      // What never began, or has ended, cannot be aborted.
      if (!(error instanceof libvirtError)) throw error;
    } finally {
      this[Symbol.dispose]();
    }
  }

  static #check(stream: unknown, function_: string): void {
    if (typeof stream === 'object' && stream !== null && #readiness in stream) return;
    throw new TypeError(`${function_}: this must be a virStream, not ${nameOf(stream)}`);
  }

  #receive<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#blocking) return settle(call());
    return this.#whenReady(this.#receiving, VIR_STREAM_EVENT_READABLE, call);
  }

  #send(call: () => Promise<number>): Promise<number> {
    if (!this.#blocking) return settle(call());
    return this.#whenReady(this.#sending, VIR_STREAM_EVENT_WRITABLE, call);
  }

  /** Makes the call when it is its turn, and again whenever the stream may be ready, until it can do something. */
  #whenReady<T>(line: Line, event: number, call: () => Promise<T>): Promise<Exclude<T, -2>> {
    const deadline = currentDeadline();
    return line.run(async () => {
      for (;;) {
        if (deadline?.reason) throw deadline.reason;
        const result = await settle(under(deadline, call));
        if (result !== WOULD_BLOCK) return result as Exclude<T, -2>;
        if (this.#readiness.over) throw new libvirtError('the stream has ended, or its connection was lost');
        await this.#readiness.wait(event, deadline);
      }
    });
  }

  async #sendWhole(method: string, data: Uint8Array): Promise<void> {
    for (let rest = data; rest.length > 0;) {
      const sent = await this.send(rest);
      if (sent === WOULD_BLOCK) throw new libvirtError(`cannot use ${method} with nonblocking stream`);
      rest = rest.subarray(sent);
    }
  }

  async #orAbort<R>(what: string, run: () => R | Promise<R>): Promise<R> {
    try {
      const result = await run();
      if (typeof result === 'number' && result < 0) throw new Error(`${what} returned ${result}`);
      return result;
    } catch (error) {
      await this.abort();
      throw error;
    }
  }
}
