import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary, type DescMessage, type DescMethodServerStreaming, type DescMethodUnary } from '@bufbuild/protobuf';
import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { parseAddress, target, type Address } from './address.js';
import { invalid, type Failure } from './failure.js';
import { failureOf } from './status.js';

export interface WorkerClientOptions {
  readonly address: string;
  /** Files in PEM. With TCP, which is always TLS. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name in the worker's certificate, where it is not the address. */
  readonly serverName?: string | undefined;
}

export interface CallOptions {
  /** Gives the call up; absent: never. */
  readonly timeoutMs?: number | undefined;
}

/** A page of a console, or a plan with its XML, is larger than what grpc-js takes by default. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** A worker's API, called by the descriptors of its methods. Whatever goes wrong is a Failure. */
export class WorkerClient {
  readonly #client: grpc.Client;
  readonly #address: Address;

  /**
   * Connects with the first call.
   * @param interrupted ends every call
   */
  constructor(
    options: WorkerClientOptions,
    private readonly interrupted: AbortSignal,
  ) {
    this.#address = parseAddress(options.address);
    this.#client = new grpc.Client(target(this.#address), credentials(this.#address, options), {
      'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2000,
      // A name for the authority of a socket: its path is none.
      ...(this.#address.kind === 'unix' && { 'grpc.default_authority': 'localhost' }),
      ...(options.serverName !== undefined && {
        'grpc.ssl_target_name_override': options.serverName,
        'grpc.default_authority': options.serverName,
      }),
    });
  }

  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    { timeoutMs }: CallOptions,
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest<MessageShape<I>, MessageShape<O>>(
        path(method),
        (message) => Buffer.from(toBinary(method.input, message)),
        (bytes) => fromBinary(method.output, bytes),
        create(method.input, request),
        deadline(timeoutMs),
        (error, answer) => {
          this.interrupted.removeEventListener('abort', cancel);
          if (error || !answer) reject(this.#failure(error ?? new Error('the worker gave no answer')));
          else resolve(answer);
        },
      );
      const cancel = (): void => call.cancel();
      this.interrupted.addEventListener('abort', cancel, { once: true });
      if (this.interrupted.aborted) cancel();
    });
  }

  /** Ends the call when the loop over it ends. */
  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    { timeoutMs }: CallOptions,
  ): AsyncGenerator<MessageShape<O>> {
    const call = this.#client.makeServerStreamRequest<MessageShape<I>, MessageShape<O>>(
      path(method),
      (message) => Buffer.from(toBinary(method.input, message)),
      (bytes) => fromBinary(method.output, bytes),
      create(method.input, request),
      deadline(timeoutMs),
    );
    const cancel = (): void => call.cancel();
    this.interrupted.addEventListener('abort', cancel, { once: true });
    if (this.interrupted.aborted) cancel();
    try {
      for await (const answer of call) yield answer as MessageShape<O>;
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.interrupted.removeEventListener('abort', cancel);
      call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  #failure(error: unknown): Failure {
    return failureOf(error, this.#address, this.interrupted.aborted);
  }
}

function path(method: DescMethodUnary | DescMethodServerStreaming): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function deadline(timeoutMs: number | undefined): grpc.CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

function credentials(address: Address, { ca, cert, key, serverName }: WorkerClientOptions): grpc.ChannelCredentials {
  const files = { '--ca': ca, '--cert': cert, '--key': key };
  if (address.kind === 'unix') {
    const superfluous = Object.entries({ ...files, '--server-name': serverName }).find(([, value]) => value !== undefined);
    if (superfluous)
      throw invalid(
        `${superfluous[0]} is for TLS, and ${address.path} is a socket of this machine`,
        'Leave it away, or give --address HOST:PORT.',
      );
    return grpc.credentials.createInsecure();
  }
  if ((cert === undefined) !== (key === undefined)) throw invalid('--cert and --key belong together', 'Give both or neither.');
  const [rootCerts, privateKey, certChain] = [read('--ca', ca), read('--key', key), read('--cert', cert)];
  try {
    return grpc.credentials.createSsl(rootCerts, privateKey, certChain);
  } catch (error) {
    throw invalid(`the certificates cannot be used: ${(error as Error).message}`);
  }
}

function read(option: string, file: string | undefined): Buffer | null {
  if (file === undefined) return null;
  try {
    return readFileSync(file);
  } catch (error) {
    throw invalid(`${option}: ${(error as Error).message}`, 'Wanted: a readable file in PEM.');
  }
}
