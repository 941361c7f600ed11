import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { Option, type Command } from 'commander';
import { parseAddress } from './address.js';
import { FORMATS, Printer, type Format } from './printer.js';
import { seconds } from './option-values.js';
import type { Surroundings } from './surroundings.js';
import { WorkerClient, type WorkerClientOptions } from './worker-client.js';

/** The environment's, or where a worker of this host listens unless it is told otherwise. */
export function defaultAddress(env: Surroundings['env']): string {
  return env['NOVALET_GRPC_ADDRESS'] || 'unix:/var/lib/novalet/grpc.sock';
}

/** Options of every command that speaks with a worker. */
export interface LeafOptions {
  readonly output: Format;
  readonly quiet?: true;
  readonly address: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** A command under way. */
export interface Call {
  readonly worker: WorkerClient;
  readonly printer: Printer;
  readonly surroundings: Surroundings;
  readonly options: LeafOptions;
}

/** How long a command may take; undefined: as long as it likes. */
export function limitMs({ timeout }: LeafOptions): number | undefined {
  return timeout === undefined ? undefined : timeout * 1000;
}

/** How long an answer may take that needs no work. */
const ANSWER_MS = 30_000;

/** Calls for an answer that needs no work. */
export function ask<I extends DescMessage, O extends DescMessage>(
  { worker, options }: Call,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  return worker.unary(method, request, { timeoutMs: limitMs(options) ?? ANSWER_MS });
}

export function addLeafOptions(command: Command, env: Surroundings['env']): Command {
  return command
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <format>', 'table for people, json for programs').choices(FORMATS).default('table'))
    .option('-q, --quiet', 'say nothing beside the result')
    .optionsGroup('Connection:')
    .addOption(
      new Option('--address <address>', 'where the worker listens: /path/of/socket or host:port; also NOVALET_GRPC_ADDRESS').default(
        defaultAddress(env),
      ),
    )
    .option('--ca <file>', 'PEM: who vouches for the worker; also NOVALET_CLI_CA')
    .option('--cert <file>', 'PEM: your certificate; also NOVALET_CLI_CERT')
    .option('--key <file>', 'PEM: the key of it; also NOVALET_CLI_KEY')
    .option('--server-name <name>', "the name in the worker's certificate, where it is not the address")
    .option('--timeout <seconds>', 'wait no longer than this', seconds);
}

/** Adds commands that speak with a worker to a group. */
export function leafOf(group: Command, { env }: Surroundings) {
  return (name: string, about: string, options: (command: Command) => Command = (command) => command): Command =>
    addLeafOptions(options(group.command(name).description(about)), env);
}

type Work<O> = (call: Call, args: readonly (string | undefined)[], options: O & LeafOptions) => Promise<void>;

/** The action of a command: connects, works, and closes. */
export function onWorker<O = unknown>(surroundings: Surroundings, work: Work<O>): (...all: unknown[]) => Promise<void> {
  return async (...all) => {
    const options = all.at(-2) as O & LeafOptions;
    const worker = new WorkerClient(withEnvironment(options, surroundings.env), surroundings.interrupted);
    try {
      const printer = new Printer(surroundings, options.output, options.quiet ?? false);
      await work({ worker, printer, surroundings, options }, all.slice(0, -2) as (string | undefined)[], options);
    } finally {
      worker.close();
    }
  };
}

/** A certificate in the environment does not stand in the way of a socket, which needs none. */
export function withEnvironment(options: LeafOptions, env: Surroundings['env']): WorkerClientOptions {
  if (parseAddress(options.address).kind === 'unix') return options;
  const { ca = env['NOVALET_CLI_CA'], cert = env['NOVALET_CLI_CERT'], key = env['NOVALET_CLI_KEY'] } = options;
  return { ...options, ca, cert, key };
}
