import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import type { FieldMask } from '@bufbuild/protobuf/wkt';
import { ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';

/**
 * The fields of a message that a mask names, by their protobuf names with dots between them; all of them without a mask or with `*`.
 * @throws ComputeError invalid for a field that the message does not have
 */
export function masked<D extends DescMessage>(type: D, message: MessageShape<D>, mask: FieldMask | undefined): MessageShape<D> {
  if (mask === undefined || mask.paths.length === 0 || mask.paths.includes('*')) return message;
  const shown = create(type);
  for (const path of mask.paths) copy(reflect(type, message), reflect(type, shown), path.split('.'), path);
  return shown;
}

function copy(from: ReflectMessage, to: ReflectMessage, [name, ...rest]: readonly string[], path: string): void {
  const field = from.fields.find((one) => one.name === name);
  if (!field || (rest.length > 0 && field.fieldKind !== 'message'))
    throw new ComputeError('invalid', `${from.desc.name} has no field ${bounded(path)}`, { field: 'read_mask' });
  if (!from.isSet(field)) return;
  if (rest.length === 0 || field.fieldKind !== 'message') return to.set(field, from.get(field));
  const inner = to.get(field);
  copy(from.get(field), inner, rest, path);
  to.set(field, inner);
}
