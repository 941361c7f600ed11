import { setMaxListeners } from 'node:events';
import type { DescMethodServerStreaming, DescMethodUnary, DescService, MessageShape } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import {
  status as Code,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type StatusObject,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { asComputeError, ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import type { Log } from '../log.js';
import { ApiError } from './api-error.js';
import type { GrpcMetrics } from './grpc-metrics.js';
import { Malformed } from './method-definitions.js';
import { serviceError } from './status.js';

/** What a handler may know of its call beside the request. */
export interface Call {
  /** Aborted when the client is gone, has cancelled, or its deadline has passed. */
  readonly signal: AbortSignal;
}

/** A stream to one client. */
export interface StreamCall<M> extends Call {
  /**
   * Says it to the client; false when the transport has enough for now. grpc-js takes ever more all the same, and keeps it in memory: whoever
   * goes on must bound it, or wait for `drained`.
   */
  write(message: M): boolean;
  /** Resolves when the transport takes more, or the call is over. */
  drained(): Promise<void>;
}

type Unary<M extends DescMethodUnary> = (request: MessageShape<M['input']>, call: Call) => Promise<MessageShape<M['output']>>;
type ServerStreaming<M extends DescMethodServerStreaming> = (
  request: MessageShape<M['input']>,
  call: StreamCall<MessageShape<M['output']>>,
) => Promise<void>;

/** Handlers for a service's methods. One that is not there answers UNIMPLEMENTED. */
export type Handlers<S extends GenService<GenServiceMethods>> = {
  readonly [K in keyof S['method']]?: S['method'][K] extends DescMethodUnary
    ? Unary<S['method'][K]>
    : S['method'][K] extends DescMethodServerStreaming
      ? ServerStreaming<S['method'][K]>
      : never;
};

export interface CallLimits {
  /** Most unary calls that are worked on at once. */
  readonly calls: number;
  /** Most streams that are open at once. */
  readonly streams: number;
}

export const CALL_LIMITS: CallLimits = { calls: 512, streams: 512 };

/** Stands between grpc-js and the handlers: bounds, deadlines, cancellation, and one way to fail. */
export class Calls {
  #calls = 0;
  #streams = 0;
  readonly #open = new Set<AbortController>();

  constructor(
    private readonly metrics: GrpcMetrics,
    private readonly log: Log,
    private readonly limits: CallLimits = CALL_LIMITS,
  ) {}

  /** Ends every stream, as they would go on for ever: their clients come again when the worker does. */
  endStreams(): void {
    const error = new ApiError(Code.UNAVAILABLE, 'STOPPING', 'the worker is stopping', {}, 2000);
    for (const stream of this.#open) stream.abort(error);
  }

  /** The handlers of a service as grpc-js wants them. */
  implementation<S extends GenService<GenServiceMethods>>(service: S, handlers: Handlers<S>): UntypedServiceImplementation {
    const byName = handlers as Readonly<Record<string, ((request: never, call: never) => Promise<unknown>) | undefined>>;
    const all: Record<string, UntypedHandleCall> = {};
    for (const method of (service as DescService).methods) {
      const handler = byName[method.localName];
      const name = `${service.typeName}/${method.name}`;
      if (handler === undefined) continue;
      all[method.localName] =
        method.methodKind === 'unary' ? this.#unary(name, handler as AnyUnary) : this.#stream(name, handler as AnyStream);
    }
    return all;
  }

  #unary(method: string, handler: AnyUnary): UntypedHandleCall {
    return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
      const watched = this.#watched(call);
      void this.#measured(
        method,
        async () => {
          if (this.#calls >= this.limits.calls) throw tooMany('calls', this.limits.calls);
          this.#calls++;
          try {
            return await handler(wellFormed(call.request), { signal: watched.signal });
          } finally {
            this.#calls--;
          }
        },
        watched.signal,
      ).then((ended) => ('error' in ended ? callback(ended.error) : callback(null, ended.response)));
    };
  }

  #stream(method: string, handler: AnyStream): UntypedHandleCall {
    return (call: ServerWritableStream<unknown, unknown>) => {
      const watched = this.#watched(call);
      void this.#measured(
        method,
        async () => {
          if (this.#streams >= this.limits.streams) throw tooMany('streams', this.limits.streams);
          this.#streams++;
          this.#open.add(watched);
          try {
            await handler(wellFormed(call.request), {
              signal: watched.signal,
              write: (message) => !watched.signal.aborted && call.write(message),
              drained: () => drained(call, watched.signal),
            });
            if (watched.signal.aborted) throw watched.signal.reason;
          } finally {
            this.#streams--;
            this.#open.delete(watched);
          }
        },
        watched.signal,
      ).then((ended) => {
        if (!('error' in ended)) call.end();
        else if (!call.destroyed) call.emit('error', ended.error);
      });
    };
  }

  #watched(call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>): AbortController {
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    call.on('cancelled', () => over.abort(new ComputeError('cancelled', 'the client has gone, or waits no longer')));
    return over;
  }

  async #measured<T>(method: string, run: () => Promise<T>, signal: AbortSignal): Promise<Ended<T>> {
    const began = performance.now();
    let code: Code = Code.OK;
    this.metrics.callsInFlight.inc({ method });
    try {
      return { response: await run() };
    } catch (thrown) {
      const error = serviceError(thrown);
      code = error.code ?? Code.UNKNOWN;
      if (code === Code.INTERNAL && !signal.aborted)
        this.log.error({ error: bounded(asComputeError(thrown).stack, 2000), reason: method }, 'call failed for no reason that we know');
      return { error };
    } finally {
      this.metrics.callsInFlight.dec({ method });
      this.metrics.callDuration.observe({ method, code: Code[code] }, (performance.now() - began) / 1000);
    }
  }
}

/** How a call ended: with what, or why not. */
type Ended<T> = { readonly response: T } | { readonly error: Partial<StatusObject> };
type AnyUnary = (request: unknown, call: Call) => Promise<unknown>;
type AnyStream = (request: unknown, call: StreamCall<unknown>) => Promise<void>;

function wellFormed(request: unknown): unknown {
  if (request instanceof Malformed) throw new ComputeError('invalid', `the request is no message of its kind: ${bounded(request.reason)}`);
  return request;
}

function tooMany(what: string, limit: number): ApiError {
  return new ApiError(Code.RESOURCE_EXHAUSTED, 'TOO_MANY_CALLS', `${limit} ${what} are open, and no more are taken`, {}, 1000);
}

/** A client that reads nothing keeps its stream here until its deadline or its end; it costs what was written, and no more. */
async function drained(call: ServerWritableStream<unknown, unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const on = (): void => {
      call.off('drain', on);
      signal.removeEventListener('abort', on);
      resolve();
    };
    call.on('drain', on);
    signal.addEventListener('abort', on);
  });
}
