import type { NativeHandle } from './handle.js';
import type { PackedStats } from './native-by-hand.js';

/** Statistics of one domain under libvirt's dotted names, such as `state.state`, `cpu.time`, `vcpu.0.time`. */
export type DomainStats = Record<string, number | string | boolean>;

interface Field {
  readonly kind: string;
  readonly name: string;
}
/** Makes one record's object: its numbers begin at `number`, its strings at `text`. */
type Factory = (numbers: Float64Array, number: number, strings: readonly string[], text: number) => DomainStats;
interface Shape {
  readonly make: Factory;
  readonly numbers: number;
  readonly strings: number;
}

// Domains of one kind have one shape; a host has few. The bound is for a host that changes its guests all the time.
const MOST_SHAPES = 500;
const shapes = new Map<string, Shape>();

function parse(shape: string): Field[] {
  return shape
    .split('\0')
    .slice(0, -1)
    .map((field) => ({ kind: field[0] ?? '', name: field.slice(1) }));
}

/** An object literal that V8 compiles once, five times cheaper than setting properties. Names are quoted as JSON; nothing else varies. */
function compile(fields: readonly Field[]): Factory {
  let number = 0;
  let text = 0;
  const values: Record<string, () => string> = {
    n: () => `numbers[number + ${number++}]`,
    b: () => `numbers[number + ${number++}] !== 0`,
    s: () => `strings[text + ${text++}]`,
  };
  const entries = fields.map(({ kind, name }) => `[${JSON.stringify(name)}]: ${(values[kind] as () => string)()}`);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- see above; where it is forbidden, `loop` does the same
  return new Function('numbers', 'number', 'strings', 'text', `return { ${entries.join(', ')} };`) as Factory;
}

/** The same without compiling, for processes that forbid it (--disallow-code-generation-from-strings). */
export function loop(fields: readonly Field[]): Factory {
  return (numbers, number, strings, text) => {
    const entries = fields.map(({ kind, name }): [string, number | string | boolean] => {
      if (kind === 's') return [name, strings[text++] as string];
      const value = numbers[number++] as number;
      return [name, kind === 'b' ? value !== 0 : value];
    });
    return Object.fromEntries(entries);
  };
}

function shapeOf(key: string): Shape {
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const fields = parse(key);
  const strings = fields.filter(({ kind }) => kind === 's').length;
  let make: Factory;
  try {
    make = compile(fields);
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    make = loop(fields);
  }
  const shape = { make, numbers: fields.length - strings, strings };
  if (shapes.size >= MOST_SHAPES) shapes.clear();
  shapes.set(key, shape);
  return shape;
}

/** The records of one call, in libvirt's order. */
export function unpackStats<T>(packed: PackedStats, wrap: (handle: NativeHandle) => T): [T, DomainStats][] {
  const [handles, shapeIndexes, shapeKeys, values, blob] = packed;
  const ofRecord = new Uint32Array(shapeIndexes);
  const known = shapeKeys.map(shapeOf);
  const numbers = new Float64Array(values);
  const strings = blob.split('\0');
  let number = 0;
  let text = 0;
  return handles.map((handle, i) => {
    const shape = known[ofRecord[i] as number] as Shape;
    const stats = shape.make(numbers, number, strings, text);
    number += shape.numbers;
    text += shape.strings;
    return [wrap(handle), stats];
  });
}
