import assert from 'node:assert/strict';
import test from 'node:test';
import { ConsoleText } from '../../../services/cli/console-text.js';

/** The text of a console that comes in pieces of any size. */
function shown(text: string, size = text.length): string {
  const console = new ConsoleText();
  const bytes = Buffer.from(text);
  let clean = '';
  for (let at = 0; at < bytes.length; at += size) clean += console.write(bytes.subarray(at, at + size));
  return clean + console.end();
}

const SAID = 'SeaBIOS\x1b[2J\x1b[1;1H\x1b(B\r\r\n\x1b]0;your title\x07Grüße\x1bP$q"p\x1b\\!\x9b6n\x08\x07\u202e\n';
const CLEAN = 'SeaBIOS\nGrüße!\\u{202e}\n';

test('no escape sequence of a guest reaches the terminal', () => {
  assert.equal(shown(SAID), CLEAN);
});

test('nor does one that comes in pieces', () => {
  for (let size = 1; size < 8; size++) assert.equal(shown(SAID, size), CLEAN);
});

test('a line that a carriage return would have written over is still there to be read', () => {
  assert.equal(shown('rm -rf /\recho hello\r\n10 %\r20 %\r\n'), 'rm -rf /\necho hello\n10 %\n20 %\n');
});

test('a sequence that never ends hides no more than its line', () => {
  assert.equal(shown('a\x1b]0;hidden\nseen\n\x1b[31;1;\r\nseen\n'), 'a\nseen\n\nseen\n');
});

test('bytes that are no text show as such', () => {
  const console = new ConsoleText();
  assert.equal(console.write(Uint8Array.of(0x61, 0xff, 0x62, 0xe2, 0x82)) + console.end(), 'a\ufffdb\ufffd\n');
});
