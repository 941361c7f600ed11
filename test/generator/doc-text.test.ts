import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { withoutFailure, withoutFreeAdvice } from '../../generator/doc-c-remarks.js';
import { docBlock, phrase, prose } from '../../generator/doc-text.js';

test('no text ends the comment it stands in', () => {
  const hostile = 'a */ b\r*/ c\u2028*/ d **/ e\n@evil @param x {@link y} \n * /';
  const source = `${docBlock([prose(hostile), `@returns ${phrase(hostile)}`], '  ')}const only = 1;\n`;
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true);
  assert.equal(file.statements.length, 1);
  assert.deepEqual(
    file.statements.flatMap((statement) => ts.getJSDocTags(statement).map((tag) => tag.tagName.text)),
    ['returns'],
  );
});

test('libvirt’s marks become Markdown’s', () => {
  assert.equal(prose('If @flags is NULL, a <channel> is needed; mail a@b.c'), 'If `flags` is null, a `<channel>` is needed; mail a@b.c');
});

test('a text of one short line makes a comment of one line', () => {
  assert.equal(docBlock(['one'], '  '), '  /** one */\n');
  assert.equal(docBlock(['one', '', 'two', ''], ''), '/**\n * one\n *\n * two\n */\n');
});

test('what only a C programmer needs is left out', () => {
  assert.equal(
    withoutFreeAdvice('Look up.\n\nvirDomainFree should be used to free the resources after the\ndomain object is no longer needed.'),
    'Look up.',
  );
  assert.equal(withoutFailure('XML, or NULL in case of error. The caller must free() the returned value.', 'Null'), 'XML.');
  assert.equal(withoutFailure('NULL in case of error, or an XML string', 'Null'), 'an XML string');
  assert.equal(withoutFailure('0 in case of success and -1 in case of failure.', 'MinusOne'), '0 in case of success.');
  assert.equal(withoutFailure('KiB, or 0 in case of error', 'Zero'), 'KiB');
  assert.equal(withoutFailure('the parent, or NULL when it has none', 'Never'), 'the parent, or NULL when it has none');
});
