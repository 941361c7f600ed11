import { inspect } from 'node:util';

/** A wrong value as messages name it: `null`, `5`, `the string "x"`, `an object`. Nothing that it could throw in. */
export function nameOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)}`;
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'bigint':
    case 'boolean':
    case 'number':
    case 'undefined':
      return inspect(value);
  }
}
