import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { DocsMode } from '../../generator/doc-text.js';
import { generate } from '../../generator/generate.js';
import { goldenLists, goldenPath, goldenText } from './support/golden-lists.js';

const HOW_TO_UPDATE = 'see the difference; when it is meant: node dist/test/generator/golden.test.js --update-golden';

/** All generated files as one text. */
function output(docs: DocsMode): string {
  const { files } = generate(goldenLists(), docs);
  return [...files].map(([path, text]) => `======== ${path}\n${text}`).join('\n');
}

for (const docs of ['full', 'short'] as const) {
  const name = `expected-${docs}.txt`;
  if (process.argv.includes('--update-golden')) writeFileSync(goldenPath(name), output(docs));

  test(`the small lists give the golden output, with ${docs} documentation`, () => {
    assert.equal(output(docs), goldenText(name), HOW_TO_UPDATE);
  });
}

test('the order of the lists’ entries changes nothing', () => {
  const turned = goldenLists().map((list) => ({ ...list, functions: list.functions.toReversed(), enums: list.enums.toReversed() }));
  assert.deepEqual(generate(turned, 'full').files, generate(goldenLists(), 'full').files);
});
