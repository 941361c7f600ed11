import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CLIENT_VARIABLES } from '../../../services/common/client-variables.js';
import { loadConfig, withoutPassword } from '../../../services/compute/config.js';

const HOST = { NOVALET_HOST: 'host-1' };

async function withFile(t: TestContext, content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-config-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'novalet.json'), content);
  return join(directory, 'novalet.json');
}

function problems(env: Record<string, string>, file?: string): string {
  try {
    loadConfig({ env: { ...HOST, ...env }, file });
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail('it was taken');
}

test('without a word there are the defaults', () => {
  const config = loadConfig({ env: { ...HOST, PATH: '/bin', NOVALET_STATE_DIR: '' } });
  assert.equal(config.NOVALET_STATE_DIR, '/var/lib/novalet');
  assert.deepEqual(config.NOVALET_LISTEN, { host: '127.0.0.1', port: 9177 });
  assert.deepEqual(config.NOVALET_IMAGE_DIRS, ['/var/lib/novalet/images']);
});

test('the environment wins over the file', async (t) => {
  const file = await withFile(t, JSON.stringify({ NOVALET_CONCURRENCY: 3, NOVALET_IMAGE_DIRS: ['/a', '/b'], NOVALET_HOST: 'file' }));
  const config = loadConfig({ env: { NOVALET_HOST: 'env' }, file });
  assert.deepEqual([config.NOVALET_HOST, config.NOVALET_CONCURRENCY, config.NOVALET_IMAGE_DIRS], ['env', 3, ['/a', '/b']]);
  assert.deepEqual(loadConfig({ env: { NOVALET_IMAGE_DIRS: '/c:/d' }, file }).NOVALET_IMAGE_DIRS, ['/c', '/d']);
});

test('hosts of images are names with their ports, and nothing that looks like a URL', async (t) => {
  const hosts = (text: string) => loadConfig({ env: { ...HOST, NOVALET_IMAGE_HOSTS: text } }).NOVALET_IMAGE_HOSTS;
  assert.deepEqual(hosts('images.example,[::1]:8443,10.0.0.1:80'), ['images.example', '[::1]:8443', '10.0.0.1:80']);
  assert.deepEqual(loadConfig({ env: HOST }).NOVALET_IMAGE_HOSTS, []);
  for (const wrong of ['https://images.example', 'images.example/a', '*', 'a b']) {
    assert.match(problems({ NOVALET_IMAGE_HOSTS: wrong }), /NOVALET_IMAGE_HOSTS/);
  }
  const file = await withFile(t, 'a certificate');
  assert.equal(String(loadConfig({ env: { ...HOST, NOVALET_IMAGE_CA: file } }).imageCa), 'a certificate');
  assert.match(problems({ NOVALET_IMAGE_CA: '/nothing/here' }), /NOVALET_IMAGE_CA: .*cannot be read/);
});

test('all problems are told at once, with what was given and what is wanted', async (t) => {
  const file = await withFile(t, '{"NOVALET_COLOUR": 1, "NOVALET_VIRT_TYPE": "xen"}');
  const told = problems({ NOVALET_CONCURRENCY: '0', NOVALET_STATE_DIR: 'relative', NOVALET_LISTEN: 'here', NOVALET_SHAPE: 'x' }, file);
  for (const expected of [
    /NOVALET_CONCURRENCY: "0" given; wanted: a whole number from 1 to 256/,
    /NOVALET_STATE_DIR: "relative" given; wanted: an absolute path/,
    /NOVALET_LISTEN: "here" given; wanted: host:port/,
    /NOVALET_VIRT_TYPE: "xen" given; wanted: kvm, qemu or test/,
    /NOVALET_COLOUR \(in .*novalet\.json\): no setting has this name/,
    /NOVALET_SHAPE \(in the environment\): no setting has this name/,
  ]) {
    assert.match(told, expected);
  }
});

test('a host name is what queue names and routing keys can hold', () => {
  for (const name of ['a b', 'a*', 'a#', 'ä', 'a'.repeat(101), 'a\nb'])
    assert.match(problems({ NOVALET_HOST: name }), /NOVALET_HOST: .* given/);
  assert.equal(loadConfig({ env: { NOVALET_HOST: 'rack-1.example_2' } }).NOVALET_HOST, 'rack-1.example_2');
});

test('a password is never shown', () => {
  for (const url of ['http://user:geheim@broker/', 'user:geheim@broker', 'amqp://user:geheim@[broker/']) {
    const told = problems({ NOVALET_AMQP_URL: url });
    assert.match(told, /NOVALET_AMQP_URL/);
    assert.ok(!told.includes('geheim'), told);
  }
  assert.equal(withoutPassword('amqps://user:geheim@broker:5671/vhost'), 'amqps://user:…@broker:5671/vhost');
});

test('what follows the virtual host of the broker is taken when it is known, refused by its name when not, and never shown', () => {
  const good = 'amqp://user:geheim@broker/vhost?heartbeat=5&frameMax=8192&channelMax=20&locale=de_DE';
  assert.equal(loadConfig({ env: { ...HOST, NOVALET_AMQP_URL: good } }).NOVALET_AMQP_URL, good);
  assert.equal(withoutPassword(good), 'amqp://user:…@broker/vhost');
  for (const [query, words] of [
    ['?password=geheim', /the option "password", which does not exist; there are heartbeat, frameMax, channelMax, locale/],
    ['?heartbeat=geheim', /option heartbeat has a value/],
    ['#geheim', /with a # or @ behind its host/],
  ] as const) {
    const told = problems({ NOVALET_AMQP_URL: `amqp://user:x@broker/${query}` });
    assert.match(told, words);
    assert.ok(!told.includes('geheim'), told);
  }
});

test('a password whose # / ? or @ is not escaped is refused and not shown', () => {
  for (const sign of ['#', '/', '?']) {
    const told = problems({ NOVALET_AMQP_URL: `amqp://user:12${sign}34@broker/` });
    assert.match(told, /\(not shown\) given.*%23 %40 %2F %3F/);
    assert.ok(!/12|34/.test(told), told);
  }
});

test('a number is written by its digits', () => {
  for (const value of ['1e3', '0x10', '8.0', ' 8', '-1']) {
    assert.match(problems({ NOVALET_DEADLINE_SECONDS: value }), /NOVALET_DEADLINE_SECONDS: ".*" given; wanted: a whole number of seconds/);
  }
});

test('certificate and key come together, with TLS, and can be read', async (t) => {
  const pem = await withFile(t, 'not really');
  assert.match(
    problems({ NOVALET_AMQP_URL: 'amqps://broker/', NOVALET_AMQP_CERT: pem }),
    /NOVALET_AMQP_KEY: not given, but NOVALET_AMQP_CERT is/,
  );
  assert.match(problems({ NOVALET_AMQP_CA: pem }), /NOVALET_AMQP_CA: given without TLS/);
  assert.match(
    problems({ NOVALET_AMQP_URL: 'amqps://broker/', NOVALET_AMQP_CA: '/nowhere' }),
    /NOVALET_AMQP_CA: .* cannot be read \(ENOENT\)/,
  );
  const config = loadConfig({ env: { ...HOST, NOVALET_AMQP_URL: 'amqps://broker/', NOVALET_AMQP_CA: pem } });
  assert.equal(config.tls?.ca?.toString(), 'not really');
});

test('a file that is no JSON object is named', async (t) => {
  for (const content of ['{', '[]', 'null']) assert.match(problems({}, await withFile(t, content)), /novalet\.json cannot be used/);
  assert.match(problems({}, '/nowhere.json'), /\/nowhere\.json cannot be used: ENOENT/);
});

test('what the command line takes from the environment is no setting, and no mistake either', () => {
  const env = Object.fromEntries(CLIENT_VARIABLES.map((name) => [name, 'anything']));
  assert.doesNotThrow(() => loadConfig({ env: { ...env, NOVALET_HOST: 'host-1' } }));
});
