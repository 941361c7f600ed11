import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { generate } from '../../generator/generate.js';
import { readApiLists } from '../../generator/locate-lists.js';
import { goldenLists } from './support/golden-lists.js';

test('generating twice from the installed lists gives the same bytes', () => {
  assert.deepEqual(generate(readApiLists(), 'full').files, generate(readApiLists(), 'full').files);
});

test('every generated file is good TypeScript, whatever the lists say', () => {
  for (const lists of [goldenLists(), readApiLists()]) {
    for (const [path, text] of generate(lists, 'full').files) {
      if (!path.endsWith('.ts')) continue;
      const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true, fileName: path });
      assert.deepEqual(
        diagnostics?.map((problem) => problem.messageText),
        [],
        path,
      );
    }
  }
});

test('every row is what the C++ macro expects', () => {
  const { files, plan } = generate(readApiLists(), 'full');
  const rows = ['libvirt', 'qemu', 'lxc'].flatMap((module) =>
    [...(files.get(`rows_${module}.inc`) ?? '').matchAll(/^ROW.*$/gm)].map(String),
  );
  assert.equal(rows.length, plan.functions.length);
  for (const row of rows) {
    assert.match(row, /^ROW\(vir\w+, "[\d.]*", (Sync|Async), (Never|MinusOne|Zero|Null|ZeroWithError), "[\w,?]*"(, [A-Z]\w*)+\)$/);
  }
});

test('short documentation has nothing of libvirt’s texts', () => {
  const lists = readApiLists();
  const output = [...generate(lists, 'short').files.values()].join('').replace(/[\s*]+/g, ' ');
  const symbols = lists.flatMap((list) => [...list.functions, ...list.enums, ...list.stringMacros]);
  const texts = symbols.map(({ info }) => info.replace(/[\s*]+/g, ' ').slice(0, 40)).filter((text) => text.length > 20);
  assert.ok(texts.length > 500);
  assert.deepEqual(
    texts.filter((text) => output.includes(text)),
    [],
  );
});
