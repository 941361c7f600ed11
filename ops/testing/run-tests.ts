/**
 * Runs the compiled tests against one RabbitMQ node that all test files share.
 * Arguments go to node --test; without a file among them: every test file.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRabbitmq } from '../private/rabbitmq.js';
import { SHARED_RABBITMQ } from './shared-rabbitmq.js';

const testRoot = fileURLToPath(new URL('../../test', import.meta.url));

/** Two cores carry two test files; daemons and guests do most of their waiting elsewhere. */
const CONCURRENCY = '--test-concurrency=2';
/** A file that hangs fails in the end, and is named; the longest of them kill the worker twenty times. */
const TIMEOUT = '--test-timeout=600000';

const args = process.argv.slice(2);
const named = args.some((argument) => !argument.startsWith('-'));
const files = named ? [] : (await readdir(testRoot, { recursive: true })).filter((file) => file.endsWith('.test.js')).sort();
if (!named && files.length === 0) throw new Error('there is no compiled test: run "npm run build"');

const node = await startRabbitmq({ tls: true });
const tests = spawn(
  process.execPath,
  ['--test', CONCURRENCY, TIMEOUT, '--test-reporter=spec', ...args, ...files.map((file) => join(testRoot, file))],
  { stdio: 'inherit', env: { ...process.env, [SHARED_RABBITMQ]: JSON.stringify(node.address) } },
);
const [code] = (await once(tests, 'exit')) as [number | null];
await node.stop();
process.exitCode = code ?? 1;
