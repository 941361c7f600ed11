import type { NativeHandle } from './handle.js';

/** Where the reading of one packed result has come to: the numbers in three views, the texts, the handles. See bindings/src/packer.h. */
interface Cursor {
  readonly numbers: Float64Array;
  readonly signed: BigInt64Array;
  readonly unsigned: BigUint64Array;
  readonly texts: readonly string[];
  readonly handles: readonly NativeHandle[];
  n: number;
  t: number;
  h: number;
}
type Read = (cursor: Cursor) => unknown;

type Node =
  | { readonly kind: 'n' | 'l' | 'u' | 'b' | 's' | 'S' | 'z' | 'o' }
  | { readonly kind: '('; readonly items: readonly Node[] }
  | { readonly kind: '{'; readonly fields: readonly (readonly [name: string, value: Node])[] }
  | { readonly kind: '*' | '~'; readonly item: Node };

function parse(shape: string): Node {
  let at = 0;
  const node = (): Node => {
    const kind = shape[at++];
    switch (kind) {
      case 'n':
      case 'l':
      case 'u':
      case 'b':
      case 's':
      case 'S':
      case 'z':
      case 'o':
        return { kind };
      case '*':
      case '~':
        return { kind, item: node() };
      case '(': {
        const items: Node[] = [];
        while (shape[at] !== ')') items.push(node());
        at++;
        return { kind, items };
      }
      case '{': {
        const fields: [string, Node][] = [];
        while (shape[at] === 'k') {
          const end = shape.indexOf('\0', at);
          const name = shape.slice(at + 1, end);
          at = end + 1;
          fields.push([name, node()]);
        }
        at++;
        return { kind, fields };
      }
      case undefined:
      default:
        throw new Error(`@novalet/libvirt: the addon gave a result of the unknown shape ${JSON.stringify(shape)}`);
    }
  };
  return node();
}

/** A reader that walks the shape: for shapes that are met once or twice, and for processes that forbid the other. */
export function walk(node: Node): Read {
  switch (node.kind) {
    case 'n':
      return (c) => c.numbers[c.n++];
    case 'l':
      return (c) => c.signed[c.n++];
    case 'u':
      return (c) => c.unsigned[c.n++];
    case 'b':
      return (c) => c.numbers[c.n++] !== 0;
    case 's':
      return (c) => c.texts[c.t++];
    case 'S':
      return (c) => (c.numbers[c.n++] === 0 ? null : c.texts[c.t++]);
    case 'z':
      return () => null;
    case 'o':
      return (c) => c.handles[c.h++];
    case '(': {
      const reads = node.items.map(walk);
      return (c) => reads.map((read) => read(c));
    }
    case '{': {
      const fields = node.fields.map(([name, value]) => [name, walk(value)] as const);
      return (c) => Object.fromEntries(fields.map(([name, read]) => [name, read(c)]));
    }
    case '*': {
      const read = walk(node.item);
      return (c) => list(c, read);
    }
    case '~': {
      const read = walk(node.item);
      return (c) => {
        c.n++;
        return read(c);
      };
    }
  }
}

function list(cursor: Cursor, read: Read): unknown[] {
  const length = cursor.numbers[cursor.n++] as number;
  const items = new Array<unknown>(length);
  for (let i = 0; i < length; i++) items[i] = read(cursor);
  return items;
}

/**
 * The same as an expression that V8 compiles: five times faster for dictionaries. Names are quoted as JSON; nothing else varies.
 * @param c before the cursor's parts, where they are no variables */
function source(node: Node, c: 'c.' | ''): string {
  switch (node.kind) {
    case 'n':
      return `${c}numbers[${c}n++]`;
    case 'l':
      return `${c}signed[${c}n++]`;
    case 'u':
      return `${c}unsigned[${c}n++]`;
    case 'b':
      return `${c}numbers[${c}n++] !== 0`;
    case 's':
      return `${c}texts[${c}t++]`;
    case 'S':
      return `(${c}numbers[${c}n++] === 0 ? null : ${c}texts[${c}t++])`;
    case 'z':
      return 'null';
    case 'o':
      return `${c}handles[${c}h++]`;
    case '(':
      return `[${node.items.map((item) => source(item, c)).join(', ')}]`;
    case '{':
      return `({ ${node.fields.map(([name, value]) => `${keyOf(name)}: ${source(value, c)}`).join(', ')} })`;
    case '*':
      return `list(c, (c) => ${source(node.item, 'c.')})`;
    case '~':
      return `(${c}n++, ${source(node.item, c)})`;
  }
}

/** A name in an object literal. Computed ones cost ten times as much until V8 optimizes; but __proto__ otherwise would be no property. */
function keyOf(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
}

/** Whether all of it is read in one go; a list's elements are read by a function each. */
function isOnePiece(node: Node): boolean {
  if (node.kind === '(') return node.items.every(isOnePiece);
  if (node.kind === '{') return node.fields.every(([, value]) => isOnePiece(value));
  if (node.kind === '~') return isOnePiece(node.item);
  return node.kind !== '*';
}

// Local variables are twice as quick as properties until V8 optimizes.
const inOnePiece = (node: Node): string =>
  `(c) => { const { numbers, signed, unsigned, texts, handles } = c; let { n, t, h } = c; const value = ${source(node, '')}; ` +
  'c.n = n; c.t = t; c.h = h; return value; }';

function compile(node: Node): Read {
  const reader = isOnePiece(node) ? inOnePiece(node) : `(c) => ${source(node, 'c.')}`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- see source(); where it is forbidden, walk() does the same
  const make = new Function('list', `return ${reader};`) as (helper: typeof list) => Read;
  return make(list);
}

interface Reader {
  readonly node: Node;
  read: Read;
  uses: number;
  compiled: boolean;
}

// A program meets few shapes again and again. The bound is for one whose guests change all the time.
const MOST_READERS = 500;
// Compiling costs as much as walking this often.
const WALKS = 3;
const readers = new Map<string, Reader>();

/** @param uses how often it is about to be used */
function readerOf(shape: string, uses = 1): Read {
  let reader = readers.get(shape);
  if (reader === undefined) {
    const node = parse(shape);
    reader = { node, read: walk(node), uses: 0, compiled: false };
    if (readers.size >= MOST_READERS) readers.clear();
    readers.set(shape, reader);
  }
  reader.uses += uses;
  if (!reader.compiled && reader.uses >= WALKS) {
    reader.compiled = true;
    try {
      reader.read = compile(reader.node);
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
    }
  }
  return reader.read;
}

function cursorOf(numbers: ArrayBuffer, texts: string, handles: readonly NativeHandle[]): Cursor {
  return {
    numbers: new Float64Array(numbers),
    signed: new BigInt64Array(numbers),
    unsigned: new BigUint64Array(numbers),
    texts: texts.split('\0'),
    handles,
    n: 0,
    t: 0,
    h: 0,
  };
}

/** The addon's hook: the value of a packed result. */
export function unpack(shape: string, numbers: ArrayBuffer, texts: string, handles: readonly NativeHandle[]): unknown {
  return readerOf(shape)(cursorOf(numbers, texts, handles));
}

/** [shape of each record, shapes, numbers, texts, handle of each record] */
export type PackedRecords = [shapeOf: ArrayBuffer, shapes: string[], numbers: ArrayBuffer, texts: string, handles: NativeHandle[]];

/** Records that each have a handle and a shape of their own. */
export function unpackRecords<T, R>(packed: PackedRecords, wrap: (handle: NativeHandle) => T): [T, R][] {
  const [shapeOf, shapes, numbers, texts, handles] = packed;
  const indexes = new Uint32Array(shapeOf);
  const known = shapes.map((shape) => readerOf(shape, handles.length / shapes.length));
  const cursor = cursorOf(numbers, texts, handles);
  return handles.map((handle, i) => [wrap(handle), (known[indexes[i] as number] as Read)(cursor) as R]);
}
