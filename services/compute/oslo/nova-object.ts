import { ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import type { Json } from './envelope.js';

/** The fields of a NovaObject on the wire, or of a plain dictionary in its place. */
export function fieldsOf(value: unknown): Json | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const data = (value as Json)['nova_object.data'];
  if (data === undefined) return value as Json;
  return data !== null && typeof data === 'object' && !Array.isArray(data) ? (data as Json) : null;
}

/** The members of an ObjectList, or of a plain list. */
export function membersOf(value: unknown): Json[] {
  const list = Array.isArray(value) ? (value as unknown[]) : fieldsOf(value)?.['objects'];
  return Array.isArray(list) ? list.map(fieldsOf).filter((fields) => fields !== null) : [];
}

/** The instance of a request. Any minor version will do: what is not known is not looked at. */
export function instanceOf(args: Json): Json {
  const value = args['instance'];
  const version = (value as Json | null | undefined)?.['nova_object.version'];
  if (typeof version === 'string' && !version.startsWith('2.'))
    throw new ComputeError('unsupported', `instance: an Instance of version ${bounded(version, 20)}; 2.x is read`, { field: 'instance' });
  const fields = fieldsOf(value);
  if (fields === null) throw new ComputeError('invalid', 'instance: neither an Instance object nor a dictionary', { field: 'instance' });
  return fields;
}

export function textOf(fields: Json, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A whole number, also one that is written as text, as in extra specs. */
export function numberOf(fields: Json, name: string): number | undefined {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** A size by its flavor, else as the instance has it itself. */
export function sizeOf(flavor: Json, instance: Json, name: string): number | undefined {
  return numberOf(flavor, name) ?? numberOf(instance, name);
}

/** True as nova writes it: config_drive is the text "True", and most others are a boolean. */
export function truthOf(fields: Json, name: string): boolean {
  const value = fields[name];
  return value === true || (typeof value === 'string' && /^(true|1|yes|on|required|mandatory)$/i.test(value));
}
