import assert from 'node:assert/strict';
import test from 'node:test';
import { printable, printableJson, printableLines } from '../../../services/cli/printable.js';

test('a name cannot send escape sequences to a terminal, not by C1 controls either', () => {
  assert.equal(printable('a\x1b[2Jb\x9b31mc\x07\x7f'), 'a\\u{1b}[2Jb\\u{9b}31mc\\u{7}\\u{7f}');
});

test('a name cannot begin a line of its own, or turn the direction of writing', () => {
  assert.equal(printable('a\nb\r\u2028c\u202ed\u2066'), 'a\\u{a}b\\u{d}\\u{2028}c\\u{202e}d\\u{2066}');
});

test('letters of every script and emoji that are joined stay as they are', () => {
  for (const name of ['Grüße', '名前', 'نام', '👩‍💻', 'می‌خواهم']) assert.equal(printable(name), name);
});

test('lines and tabs of a text stay', () => {
  assert.equal(printableLines('<a>\r\n\t<b/>\x1b]0;x\x07\n</a>'), '<a>\n\t<b/>\\u{1b}]0;x\\u{7}\n</a>');
});

test('harmless JSON says the same as before', () => {
  const value = { 'na\x9bme': 'a\x1b\x7f\u202e\u{e0001}👩‍💻\ud800' };
  const text = printableJson(value, 2);
  assert.match(text, /^[\x20-\x7e\n\u200d👩💻]*$/u);
  assert.deepEqual(JSON.parse(text), value);
});
