import { COMMAND_BODIES, MAX_CONSOLE_BYTES, type CommandType } from '../../common/messages/commands.js';
import type { CommandResult } from '../../common/messages/results.js';
import { queueOf, type QueueClass } from '../delivery.js';
import { flatDiagnostics } from './diagnostics.js';
import type { Json } from './envelope.js';
import type { Bridges } from './nova-interfaces.js';
import { instanceOf, numberOf, textOf } from './nova-object.js';
import { spawnOf } from './nova-spawn.js';
import { uptime } from './uptime.js';
import { speaks, type Spoken } from './versions.js';

/** A request as one of our commands: its body, and what its caller is told of the result. */
export interface Asked {
  readonly type: CommandType;
  readonly body: Readonly<Record<string, unknown>>;
  readonly queue: QueueClass;
  readonly returns: (result: CommandResult) => unknown;
}

export interface Method {
  /** Names of its arguments; those without a `?` are needed. Null: the command's own schema looks at them. */
  readonly args: readonly string[] | null;
  readonly act: (args: Json) => { readonly asked: Asked } | { readonly value: unknown };
}

export interface Endpoint {
  readonly namespace: string | null;
  readonly versions: Spoken;
  readonly methods: Readonly<Record<string, Method>>;
}

/** Nova's own defaults: shutdown_timeout, and the reboot's wait for a guest. */
const STOP_GRACE = 60;
const REBOOT_GRACE = 120;
const NOVAS_CONSOLE_BYTES = 100 * 1024;

const nothing = (): null => null;

function command(type: CommandType, body: Asked['body'], returns: Asked['returns'] = nothing): { asked: Asked } {
  return { asked: { type, body, queue: queueOf(type), returns } };
}

/** A verb of nova's that says no more than which instance. */
function plain(type: CommandType, ...more: readonly string[]): Method {
  return { args: ['instance', ...more], act: (args) => command(type, { instance: named(args) }) };
}

const named = (args: Json): { id: string | undefined } => ({ id: textOf(instanceOf(args), 'uuid') });

/** nova-compute's methods, by the names and arguments of its RPC API 6.5 and before. */
function novaMethods(bridges: Bridges): Endpoint['methods'] {
  return {
    build_and_run_instance: {
      args: [
        'instance',
        ...['host?', 'image?', 'request_spec?', 'filter_properties?', 'admin_password?', 'injected_files?', 'requested_networks?'],
        ...['security_groups?', 'block_device_mapping?', 'node?', 'limits?', 'host_list?', 'accel_uuids?'],
      ],
      act: (args) => command('instance.spawn', spawnOf(args, bridges)),
    },
    terminate_instance: plain('instance.destroy', 'bdms?', 'reservations?', 'clean_shutdown?'),
    start_instance: plain('instance.start'),
    stop_instance: {
      args: ['instance', 'clean_shutdown?'],
      act: (args) => command('instance.stop', { instance: named(args), grace: args['clean_shutdown'] === false ? 0 : STOP_GRACE }),
    },
    reboot_instance: {
      args: ['instance', 'block_device_info?', 'reboot_type?'],
      act: (args) =>
        args['reboot_type'] === 'HARD'
          ? command('instance.reboot', { instance: named(args), mode: 'hard' })
          : command('instance.reboot', { instance: named(args), mode: 'soft', grace: REBOOT_GRACE }),
    },
    pause_instance: plain('instance.pause'),
    unpause_instance: plain('instance.unpause'),
    suspend_instance: plain('instance.suspend'),
    resume_instance: plain('instance.resume'),
    get_console_output: {
      args: ['instance', 'tail_length?'],
      act: (args) =>
        command('instance.console', { instance: named(args), maxBytes: Math.min(NOVAS_CONSOLE_BYTES, MAX_CONSOLE_BYTES) }, ({ console }) =>
          lastLines(console?.text ?? '', numberOf(args, 'tail_length')),
        ),
    },
    get_diagnostics: {
      args: ['instance'],
      act: (args) =>
        command('instance.diagnostics', { instance: named(args) }, ({ diagnostics }) => diagnostics && flatDiagnostics(diagnostics)),
    },
    get_host_uptime: { args: ['host?'], act: () => ({ value: uptime() }) },
    set_host_enabled: {
      args: ['enabled', 'host?'],
      act: ({ enabled }) =>
        enabled === false
          ? command('host.drain', { reason: 'set_host_enabled' }, () => 'disabled')
          : command('host.undrain', {}, () => 'enabled'),
    },
  };
}

/** Our commands under their own names, with the fields of their bodies as arguments; the result is that of a reply. */
const OWN_METHODS: Endpoint['methods'] = Object.fromEntries(
  (Object.keys(COMMAND_BODIES) as CommandType[]).map((type) => [
    type,
    { args: null, act: (args: Json) => command(type, args, (result) => result) } satisfies Method,
  ]),
);

const BASE_METHODS = (topic: string): Endpoint['methods'] => ({
  ping: { args: ['arg?'], act: ({ arg = null }) => ({ value: { service: topic, arg } }) },
  get_backdoor_port: { args: [], act: () => ({ value: null }) },
});

const OWN_NAMESPACE = 'novalet';

/** What is served, in the order in which it is looked for. */
export function endpoints({
  namespace,
  topic,
  bridges,
}: {
  namespace: string | null;
  topic: string;
  bridges: Bridges;
}): readonly Endpoint[] {
  return [
    { namespace, versions: { 5: 9999, 6: 5 }, methods: novaMethods(bridges) },
    { namespace: 'baseapi', versions: { 1: 1 }, methods: BASE_METHODS(topic) },
    { namespace: OWN_NAMESPACE, versions: { 1: 0 }, methods: OWN_METHODS },
  ];
}

export type Found = { readonly method: Method } | 'no such method' | 'unsupported version';

/** As oslo.messaging's dispatcher looks: by namespace and version first, and private names are nobody's. */
export function findMethod(all: readonly Endpoint[], wanted: { namespace: string | null; version: string; method: string }): Found {
  const fitting = all.filter(({ namespace, versions }) => namespace === wanted.namespace && speaks(versions, wanted.version));
  if (fitting.length === 0) return 'unsupported version';
  for (const { methods } of fitting) {
    const method = Object.hasOwn(methods, wanted.method) ? methods[wanted.method] : undefined;
    if (method) return { method };
  }
  return 'no such method';
}

/** What Python would say of arguments that do not fit; null when they do. */
export function argumentProblem(name: string, { args }: Method, given: Json): string | null {
  if (args === null) return null;
  const known = new Set(args.map((arg) => arg.replace('?', '')));
  const strange = Object.keys(given).find((arg) => !known.has(arg));
  if (strange !== undefined) return `${name}() got an unexpected keyword argument '${strange.slice(0, 80)}'`;
  const missing = args.find((arg) => !arg.endsWith('?') && given[arg] === undefined);
  return missing === undefined ? null : `${name}() missing 1 required positional argument: '${missing}'`;
}

function lastLines(text: string, count: number | undefined): string {
  if (count === undefined) return text;
  if (count === 0) return '';
  const lines = text.split('\n');
  const ended = lines.at(-1) === '' ? 1 : 0;
  return lines.slice(-(count + ended)).join('\n');
}
