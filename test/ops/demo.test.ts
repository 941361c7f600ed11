import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('the demo sees its guest come, speak and go, and ends well', { timeout: 300_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/ops/demo/main.js'], { cwd: root, maxBuffer: 16 * 1024 * 1024 });
  const [, seen = ''] = stdout.split('Seen in ');
  assert.match(seen, /virsh list shows the running guest/);
  assert.match(seen, /virsh list --all: no guest/);
});
