import type { CommandType } from '../../common/messages/commands.js';
import type { PowerState } from '../../common/messages/power-state.js';
import type { CommandResult } from '../../common/messages/results.js';
import type { Outgoing } from '../outgoing.js';
import { sealed, type Json } from './envelope.js';
import { failureOf } from './failures.js';
import { fieldsOf, numberOf, sizeOf, textOf } from './nova-object.js';
import { derivedId, OSLO_MESSAGE } from './replies.js';
import type { Asking } from './request.js';

/** nova's notification_format. */
export const NOTIFICATION_FORMATS = ['none', 'versioned', 'unversioned', 'both'] as const;
export type NotificationFormat = (typeof NOTIFICATION_FORMATS)[number];

const VERSIONED_TOPIC = 'versioned_notifications';
const UNVERSIONED_TOPIC = 'notifications';

export function notificationTopics(format: NotificationFormat): string[] {
  const topics = { none: [], versioned: [VERSIONED_TOPIC], unversioned: [UNVERSIONED_TOPIC], both: [VERSIONED_TOPIC, UNVERSIONED_TOPIC] };
  return topics[format];
}

/** What nova calls what a command does; a command that is not here is not told of. */
const ACTIONS: Readonly<Partial<Record<CommandType, string>>> = {
  'instance.spawn': 'create',
  'instance.destroy': 'delete',
  'instance.start': 'power_on',
  'instance.stop': 'power_off',
  'instance.reboot': 'reboot',
  'instance.pause': 'pause',
  'instance.unpause': 'unpause',
  'instance.suspend': 'suspend',
  'instance.resume': 'resume',
};

/** nova's vm_state of a power state. */
const VM_STATES: Readonly<Record<PowerState, string>> = {
  pending: 'building',
  running: 'active',
  paused: 'paused',
  shutdown: 'stopped',
  crashed: 'error',
  suspended: 'suspended',
};

/** nova's legacy numbers of power states. */
const POWER_NUMBERS: Readonly<Record<PowerState, number>> = { pending: 0, running: 1, paused: 3, shutdown: 4, crashed: 6, suspended: 7 };

export interface Notifying {
  readonly format: NotificationFormat;
  readonly exchange: string;
  readonly host: string;
}

type Phase = 'start' | 'end' | 'error';

/** What nova's listeners are told when a command is taken, or when it has come to its end. */
export function notificationsOf(notifying: Notifying, request: Asking, type: CommandType, result: CommandResult | null): Outgoing[] {
  const action = ACTIONS[type];
  if (action === undefined || notifying.format === 'none') return [];
  const phase: Phase = result === null ? 'start' : result.outcome === 'done' ? 'end' : 'error';
  const instance = fieldsOf(request.args['instance']) ?? {};
  const flavor = fieldsOf(instance['flavor']);
  const about = { notifying, request, result, action, phase, instance, flavor, ...stateOf(action, phase, result) };
  const { format } = notifying;
  return [...(format === 'unversioned' ? [] : [versioned(about)]), ...(format === 'versioned' ? [] : [unversioned(about)])];
}

interface About {
  readonly notifying: Notifying;
  readonly request: Asking;
  readonly result: CommandResult | null;
  readonly action: string;
  readonly phase: Phase;
  readonly instance: Json;
  readonly flavor: Json | null;
  readonly powerState: PowerState | null;
  readonly vmState: string | null;
}

function versioned(about: About): Outgoing {
  const { notifying, request, result, action, phase, instance, flavor, powerState, vmState } = about;
  const creates = action === 'create';
  const data = {
    ...identity(instance, request),
    host: notifying.host,
    node: notifying.host,
    state: vmState,
    power_state: powerState,
    flavor: flavorPayload(flavor),
    fault: result?.error ? faultPayload(result.error, result.instanceId) : null,
    request_id: request.context.requestId ?? null,
  };
  const payload = novaObject(creates ? 'InstanceCreatePayload' : 'InstanceActionPayload', creates ? '1.12' : '1.8', data);
  return notification(about, {
    topic: VERSIONED_TOPIC,
    publisher: `nova-compute:${notifying.host}`,
    event: `instance.${action}.${phase}`,
    payload,
  });
}

function unversioned(about: About): Outgoing {
  const { notifying, request, result, action, phase, instance, powerState, vmState } = about;
  const flavor = about.flavor ?? {};
  const payload = {
    ...identity(instance, request),
    instance_id: idOf(instance),
    instance_type: textOf(flavor, 'name') ?? '',
    host: notifying.host,
    node: notifying.host,
    state: vmState,
    power_state: powerState === null ? null : POWER_NUMBERS[powerState],
    memory_mb: sizeOf(flavor, instance, 'memory_mb') ?? null,
    vcpus: sizeOf(flavor, instance, 'vcpus') ?? null,
    root_gb: sizeOf(flavor, instance, 'root_gb') ?? null,
    ephemeral_gb: sizeOf(flavor, instance, 'ephemeral_gb') ?? null,
    message: result?.error?.message ?? (action === 'create' && phase === 'end' ? 'Success' : ''),
  };
  const event = `compute.instance.${action}.${phase}`;
  return notification(about, { topic: UNVERSIONED_TOPIC, publisher: `compute.${notifying.host}`, event, payload });
}

interface Told {
  readonly topic: string;
  readonly publisher: string;
  readonly event: string;
  readonly payload: object;
}

/** It has the same id however often it is sent. The sender's context goes with it as far as it is kept: never his token. */
function notification({ notifying, request, phase }: About, { topic, publisher, event, payload }: Told): Outgoing {
  const priority = phase === 'error' ? 'error' : 'info';
  const id = derivedId(request.uniqueId, topic, event);
  const { requestId, globalRequestId, userId, projectId } = request.context;
  const content = sealed({
    message_id: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    publisher_id: publisher,
    event_type: event,
    priority: priority.toUpperCase(),
    payload,
    timestamp: new Date().toISOString().replace('T', ' ').replace('Z', '000'),
    _unique_id: id,
    _context_request_id: requestId ?? null,
    _context_global_request_id: globalRequestId ?? null,
    _context_user_id: userId ?? null,
    _context_project_id: projectId ?? null,
    _context_auth_token: null,
  });
  return { ...OSLO_MESSAGE, exchange: notifying.exchange, routingKey: `${topic}.${priority}`, mandatory: false, content };
}

function identity(instance: Json, { context }: Asking): object {
  return {
    uuid: idOf(instance),
    tenant_id: textOf(instance, 'project_id') ?? context.projectId ?? null,
    user_id: textOf(instance, 'user_id') ?? context.userId ?? null,
    display_name: textOf(instance, 'display_name') ?? textOf(instance, 'name') ?? null,
    host_name: textOf(instance, 'hostname') ?? null,
    image_uuid: textOf(instance, 'image_ref') ?? null,
    metadata: fieldsOf(instance['metadata']) ?? {},
    created_at: textOf(instance, 'created_at') ?? null,
    launched_at: textOf(instance, 'launched_at') ?? null,
    deleted_at: textOf(instance, 'deleted_at') ?? null,
  };
}

/** Of a nova's instance, or of one of our own commands. */
const idOf = (instance: Json): string | null => textOf(instance, 'uuid') ?? textOf(instance, 'id') ?? null;

function stateOf(action: string, phase: Phase, result: CommandResult | null): Pick<About, 'powerState' | 'vmState'> {
  if (action === 'delete' && phase === 'end') return { powerState: 'pending', vmState: 'deleted' };
  if (action === 'create' && phase !== 'end') return { powerState: 'pending', vmState: phase === 'start' ? 'building' : 'error' };
  const powerState = result?.instance?.powerState ?? null;
  return { powerState, vmState: powerState && VM_STATES[powerState] };
}

function flavorPayload(flavor: Json | null): object | null {
  if (flavor === null) return null;
  return novaObject('FlavorPayload', '1.4', {
    flavorid: textOf(flavor, 'flavorid') ?? null,
    name: textOf(flavor, 'name') ?? null,
    memory_mb: numberOf(flavor, 'memory_mb') ?? null,
    vcpus: numberOf(flavor, 'vcpus') ?? null,
    root_gb: numberOf(flavor, 'root_gb') ?? null,
    ephemeral_gb: numberOf(flavor, 'ephemeral_gb') ?? null,
    swap: numberOf(flavor, 'swap') ?? null,
    extra_specs: fieldsOf(flavor['extra_specs']) ?? {},
  });
}

function faultPayload(error: NonNullable<CommandResult['error']>, instanceId: string | undefined): object {
  const { class: name, module, message } = failureOf(error, instanceId);
  return novaObject('ExceptionPayload', '1.1', {
    exception: name,
    exception_message: message,
    function_name: '',
    module_name: module,
    traceback: '',
  });
}

function novaObject(name: string, version: string, data: object): object {
  return { 'nova_object.name': name, 'nova_object.namespace': 'nova', 'nova_object.version': version, 'nova_object.data': data };
}
