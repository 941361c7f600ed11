import assert from 'node:assert/strict';
import test from 'node:test';
import { facts, table } from '../../../services/cli/table.js';

const COLUMNS = [
  { header: 'NAME', cell: ({ name }: { name: string }) => name },
  { header: 'VCPUS', cell: ({ vcpus }: { vcpus: number }) => String(vcpus), right: true },
  { header: 'STATE', cell: () => 'running' },
];

test('columns stand under their headers, whatever script a name is written in', () => {
  const rows = [
    { name: 'web', vcpus: 2 },
    { name: '名前', vcpus: 16 },
  ];
  assert.equal(table(rows, COLUMNS), 'NAME  VCPUS  STATE\nweb       2  running\n名前     16  running\n');
});

test('a name with a line of its own stays in its row', () => {
  assert.equal(table([{ name: 'a\nb  running', vcpus: 1 }], COLUMNS).split('\n').length, 3);
});

test('what is not known has no line', () => {
  assert.equal(
    facts([
      ['id', 'x'],
      ['address', undefined],
      ['memory', '1 GiB'],
    ]),
    'id      x\nmemory  1 GiB\n',
  );
});
