import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** Marks a field that must not be seen by whoever reads logs; its JSON Schema says `"secret": true`. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ secret: true });
}

export const NOT_SHOWN = '(not shown)';

/** What a schema says that is of interest here; JSON Schema has many more words. */
interface Shape {
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape | boolean;
  readonly prefixItems?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
}

const shapes = new WeakMap<z.ZodType, Shape>();

/** A copy of the value in which every field that its schema marks as secret says only that it was there. */
export function withoutSecrets(schema: z.ZodType, value: unknown): unknown {
  let shape = shapes.get(schema);
  if (!shape) {
    shape = z.toJSONSchema(schema, { io: 'input', reused: 'inline', unrepresentable: 'any' }) as Shape;
    shapes.set(schema, shape);
  }
  return shown([shape], value);
}

export function hasSecrets(schema: z.ZodType, value: unknown): boolean {
  return !isDeepStrictEqual(withoutSecrets(schema, value), value);
}

/** Secret in one of its shapes is secret: which of them was meant does not matter here. */
function shown(shapes: readonly Shape[], value: unknown): unknown {
  const all = shapes.flatMap(everyShape);
  if (all.some(({ secret: marked }) => marked)) return NOT_SHOWN;
  if (Array.isArray(value))
    return value.map((item, index) =>
      shown(
        all.flatMap((shape) => itemShapes(shape, index)),
        item,
      ),
    );
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      shown(
        all.flatMap((shape) => fieldShapes(shape, key)),
        inner,
      ),
    ]),
  );
}

function everyShape(shape: Shape): Shape[] {
  const parts = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])];
  return [shape, ...parts.flatMap(everyShape)];
}

function fieldShapes({ properties, additionalProperties }: Shape, key: string): Shape[] {
  if (properties && Object.hasOwn(properties, key)) return [properties[key] as Shape];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

function itemShapes({ items, prefixItems }: Shape, index: number): Shape[] {
  const own = prefixItems?.[index];
  if (own) return [own];
  return typeof items === 'object' ? [items] : [];
}
