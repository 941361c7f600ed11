import assert from 'node:assert/strict';
import { test } from 'node:test';

type Unpack = (shape: string, numbers: ArrayBuffer, texts: string, handles: readonly unknown[]) => unknown;
// Not exported by the package: how the addon's results cross, see bindings/src/packer.h.
const { unpack } = (await import(new URL('../../../bindings/dist/lib/packed.js', import.meta.url).href)) as { unpack: Unpack };

const numbers = (...values: number[]): ArrayBuffer => new Float64Array(values).buffer;

const CASES: [name: string, shape: string, numbers: ArrayBuffer, texts: string, value: unknown][] = [
  ['a tuple', '(nsbz)', numbers(5, 1), 'text\0', [5, 'text', true, null]],
  [
    'a list of one shape',
    '*(nS)',
    numbers(2, 1, 1, 2, 0),
    'one\0',
    [
      [1, 'one'],
      [2, null],
    ],
  ],
  ['an empty list', '*z', numbers(0), '', []],
  ['a list of several shapes', '~({ka\0n}{ka\0z})', numbers(2, 7), '', [{ a: 7 }, { a: null }]],
  ['lists in lists', '(**b*s)', numbers(2, 1, 1, 2, 0, 1, 1), 'x\0', [[[true], [false, true]], ['x']]],
  ['odd names', '{k\0nk__proto__\0nk}\'"\\\0n}', numbers(1, 2, 3), '', { '': 1, ['__proto__']: 2, '}\'"\\': 3 }],
  ['64 bits', '(lu)', new BigInt64Array([-1n, -1n]).buffer, '', [-1n, 2n ** 64n - 1n]],
];

for (const [name, shape, values, texts, expected] of CASES) {
  test(`${name} is the same read at first and when it is compiled`, () => {
    for (let time = 0; time < 5; time++) assert.deepEqual(unpack(shape, values, texts, []), expected);
  });
}

test('a name given twice holds its later value, as in Python', () => {
  for (let time = 0; time < 5; time++) assert.deepEqual(unpack('{ka\0nka\0n}', numbers(1, 2), '', []), { a: 2 });
});
