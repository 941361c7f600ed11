import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiEnum, ApiList } from '../../generator/api-list.js';
import { planConstants } from '../../generator/plan-constants.js';

function listOf(...enums: readonly (readonly [name: string, type: string, value: string])[]): ApiList {
  const entry = ([name, type, value]: readonly [string, string, string]): ApiEnum => ({
    ...{ module: 'libvirt', file: 'f', since: null, info: '' },
    ...{ name, type, value },
  });
  return { module: 'libvirt', version: null, functions: [], enums: enums.map(entry), stringMacros: [], callbacks: [] };
}

const offered = (list: ApiList) =>
  planConstants([list]).flatMap(({ row, value }) => (row.by === 'generated' ? [`${row.name}=${value}`] : []));

test('a value that is another’s name has the other’s number, whatever the order', () => {
  assert.deepEqual(offered(listOf(['A', 't', 'B'], ['B', 'u', 'C'], ['C', 'v', '-2'])), ['A=-2', 'B=-2', 'C=-2']);
});

test('the last value of an enum is left out when it only counts the others', () => {
  assert.deepEqual(offered(listOf(['A', 't', '0'], ['T_LAST', 't', '1'])), ['A=0']);
});

test('a value called LAST that is not the last one stays', () => {
  assert.deepEqual(offered(listOf(['ADD_LAST', 't', '1'], ['DELETE', 't', '2'])), ['ADD_LAST=1', 'DELETE=2']);
  assert.deepEqual(offered(listOf(['STAT_NR', 't', '13'], ['STAT_LAST', 't', 'STAT_NR'])), ['STAT_LAST=13', 'STAT_NR=13']);
});

test('a value that leads nowhere is named', () => {
  assert.throws(() => offered(listOf(['A', 't', 'MISSING'])), /the value of A is "MISSING"/);
  assert.throws(() => offered(listOf(['A', 't', 'B'], ['B', 't', 'A'])), /the value of A is "A"/);
});
