import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CommandResult } from '../../services/common/messages/results.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { withWorker } from '../support/with-worker.js';

const CLIENT = fileURLToPath(new URL('../../../test/clients/python/novalet_client.py', import.meta.url));
/** Debian's, which has Debian's pika. */
const PYTHON = '/usr/bin/python3';

test('a client in Python, written from docs/messages.md alone, spawns and destroys', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  const { stdout } = await promisify(execFile)(PYTHON, [CLIENT, url, 'host-1']);
  const [spawned, destroyed] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CommandResult);
  assert.deepEqual([spawned?.outcome, spawned?.instance?.powerState], ['done', 'running']);
  assert.deepEqual([destroyed?.outcome, destroyed?.destroyed?.existed], ['done', true]);
  assert.equal(driver.host.instances.size, 0);
});
