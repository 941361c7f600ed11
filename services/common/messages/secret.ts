import type { z } from 'zod';

/** Stands in the place of a secret. */
export const NOT_SHOWN = '(not shown)';

/** Marks a value as nobody's business but the guest's: `writeOnly` in the JSON schema, and `withoutSecrets` leaves it out. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ writeOnly: true });
}

/** A copy of a value that fits the schema, with NOT_SHOWN in the place of every secret: for logs, domains and answers. */
export function withoutSecrets<T>(schema: z.ZodType, value: T): T {
  return shown(schema, value) as T;
}

/** As much of a schema's inside as leads to the fields below it. */
interface Inside {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly in?: z.ZodType;
}

/** Names of the fields below a schema that are secrets: for whoever sees values without their schema, such as a log. */
export function secretFields(schema: z.ZodType, names = new Set<string>()): ReadonlySet<string> {
  const { shape = {}, element, valueType, innerType, options = [], in: input } = schema.def as unknown as Inside;
  for (const [name, field] of Object.entries(shape)) {
    if (isSecret(field)) names.add(name);
    secretFields(field, names);
  }
  for (const inside of [element, valueType, innerType, input, ...options]) if (inside) secretFields(inside, names);
  return names;
}

/** However it is wrapped: optional, described, refined. */
function isSecret(schema: z.ZodType): boolean {
  const { innerType, in: input } = schema.def as unknown as Inside;
  const wrapped = innerType ?? input;
  return schema.meta()?.['writeOnly'] === true || (wrapped !== undefined && isSecret(wrapped));
}

function shown(schema: z.ZodType, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (schema.meta()?.['writeOnly'] === true) return NOT_SHOWN;
  const { shape, element, valueType, innerType, options, in: input } = schema.def as unknown as Inside;
  const wrapped = innerType ?? input;
  if (wrapped) return shown(wrapped, value);
  if (options) return options.reduce<unknown>((rest, option) => shown(option, rest), value);
  if (element && Array.isArray(value)) return value.map((item) => shown(element, item));
  if (typeof value !== 'object') return value;
  const schemaOf = (key: string) => (shape && Object.hasOwn(shape, key) ? shape[key] : valueType);
  if (!shape && !valueType) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const inside = schemaOf(key);
      return [key, inside ? shown(inside, inner) : inner];
    }),
  );
}
