import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Supervisor } from '../../../ops/private/supervisor.js';
import { makeTlsMaterial } from '../../../ops/private/tls-material.js';
import { EXIT_CODE } from '../../../services/cli/exit-codes.js';
import { takeAwayAfter, type TakeAway } from '../../support/take-away.js';
import { withApi } from '../../support/with-api.js';
import { runCli } from './support/run-cli.js';

async function tlsFiles(t: TakeAway) {
  const supervisor = await Supervisor.start();
  takeAwayAfter(t, async () => supervisor[Symbol.asyncDispose]());
  return makeTlsMaterial(supervisor);
}

test('the same delete by name, sent again with its request id, has the same answer', async (t) => {
  const { socket, client, worker } = await withApi(t);
  await client.ended(await client.create(randomUUID()));
  const again = ['instance', 'delete', 'web', '--request-id', randomUUID(), '-o', 'json', '--address', socket];
  const [first, second] = [await runCli(again), await runCli(again)];
  assert.deepEqual([first.code, second.code, second.stdout], [0, 0, first.stdout], second.stderr);
  const other = await runCli(['instance', 'delete', 'web', '--request-id', randomUUID(), '--address', socket]);
  assert.equal(other.code, EXIT_CODE['not-found']);
  assert.equal(worker.instances.size, 0);
});

test('a certificate of an authority that the worker does not know is no reason to try again', async (t) => {
  const [own, strange] = [await tlsFiles(t), await tlsFiles(t)];
  const tls = { cert: own.serverCert, key: own.serverKey, clientCa: own.ca };
  const { server } = await withApi(t, { listen: [{ host: '127.0.0.1', port: 0 }], tls });
  const [address = ''] = server.addresses;
  const list = (cert: string, key: string) =>
    runCli(['instance', 'list', '--address', address, '--ca', own.ca, '--cert', cert, '--key', key]);
  assert.equal((await list(own.clientCert, own.clientKey)).code, 0);
  const refused = await list(strange.clientCert, strange.clientKey);
  assert.equal(refused.code, EXIT_CODE.denied, refused.stderr);
  assert.match(refused.stderr, /--cert/);
});

test('a shell is offered the instances of a worker that is reached by TLS, with the certificates of the environment', async (t) => {
  const own = await tlsFiles(t);
  const tls = { cert: own.serverCert, key: own.serverKey, clientCa: own.ca };
  const { server } = await withApi(t, { listen: [{ host: '127.0.0.1', port: 0 }], tls });
  const env = { NOVALET_CLI_CA: own.ca, NOVALET_CLI_CERT: own.clientCert, NOVALET_CLI_KEY: own.clientKey };
  const address = `--address=${server.addresses[0]}`;
  const created = await runCli(['instance', 'create', 'web', '--vcpus', '1', '--memory', '64M', address], { env });
  assert.equal(created.code, 0, created.stderr);
  const { stdout } = await runCli(['__complete', '--', 'instance', 'stop', address, ''], { env });
  assert.equal(stdout, 'web\trunning\n');
});

test('what is not there is looked for where it can be found', async (t) => {
  const { socket } = await withApi(t);
  const operation = await runCli(['operation', 'show', randomUUID(), '--address', socket]);
  assert.deepEqual([operation.code, /novalet operation list/.test(operation.stderr)], [EXIT_CODE['not-found'], true], operation.stderr);
  const instance = await runCli(['instance', 'show', randomUUID(), '--address', socket]);
  assert.match(instance.stderr, /novalet instance list/);
});

test('options before the command are told to stand behind it', async () => {
  const { code, stderr } = await runCli(['--address', '/nowhere.sock', 'instance', 'list']);
  assert.equal(code, EXIT_CODE.invalid);
  assert.match(stderr, /behind the command/);
});
