import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/**
 * What is wrong with a value, for a person who reads it after the name of the field; never the value itself, which may be a secret. Where a schema has
 * words of its own they stand.
 */
export const schemaWords: z.core.$ZodErrorMap = (issue: Issue): string | undefined => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'it is needed' : wanted([issue.expected], issue.input);
    case 'invalid_union':
      return unionWords(issue);
    case 'invalid_value':
      return `it is ${oneOf(issue.values)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'its name is not allowed';
    case 'unrecognized_keys':
      return `there is no field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')} here`;
    case 'too_big':
      return sizeWords(issue.origin, 'at most', issue.maximum);
    case 'too_small':
      return sizeWords(issue.origin, 'at least', issue.minimum);
    case 'invalid_format':
      return issue.format === 'datetime' ? 'it is a time by RFC 3339, such as 2026-01-31T12:00:00Z' : undefined;
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      return undefined;
  }
};

/** A number that is beyond all whole numbers is beyond its own limit, too, and that is the one to tell. */
export function withoutRepeats(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const samePath = (one: z.core.$ZodIssue, other: z.core.$ZodIssue) => one.path.join('\0') === other.path.join('\0');
  const isSafeInt = (issue: z.core.$ZodIssue) => (issue.code === 'too_big' || issue.code === 'too_small') && issue.origin === 'int';
  return issues.filter(
    (one) => !isSafeInt(one) || !issues.some((other) => other !== one && other.code === one.code && samePath(one, other)),
  );
}

function unionWords(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if (issue.discriminator !== undefined && 'options' in issue) return `it is ${oneOf(issue.options as readonly unknown[])}`;
  const expected = issue.errors.map(([first]) => (first?.code === 'invalid_type' && first.path.length === 0 ? first.expected : null));
  return expected.includes(null) ? 'it has none of the forms that it may have' : wanted(expected as string[], issue.input);
}

function wanted(expected: readonly string[], input: unknown): string {
  const kinds = [...new Set(expected.map((kind) => KINDS[kind] ?? kind))].join(' or ');
  const given = KINDS[input === null ? 'null' : Array.isArray(input) ? 'array' : typeof input] ?? 'something else';
  return typeof input === 'number' && expected.includes('int') ? `${kinds} is wanted` : `${kinds} is wanted, not ${given}`;
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => String(value)).join(', ');
  return values.length === 1 ? shown : `one of ${shown}`;
}

function sizeWords(origin: string, bound: string, size: number | bigint): string {
  if (origin === 'string') return `it has ${bound} ${size} characters`;
  if (origin === 'array' || origin === 'set') return `it has ${bound} ${size} ${size === 1 ? 'entry' : 'entries'}`;
  return `it is ${bound} ${size}`;
}
