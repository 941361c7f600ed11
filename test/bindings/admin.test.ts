import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { open as openGuests } from '@novalet/libvirt';
import * as admin from '@novalet/libvirt/admin';
import { getVersion, virAdmConnect, virAdmServer, VIR_CLIENT_TRANS_UNIX } from '@novalet/libvirt/admin';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { runScript } from './support/run-script.js';

const libvirtd = await withLibvirtd({ after });
const uriOf = ({ directory }: { directory: string }): string => `libvirtd:///session?socket=${directory}/r/libvirt/libvirt-admin-sock`;

/** The administration interface takes the daemon's own user only, whom root becomes for the length of the opening. */
async function open(): Promise<virAdmConnect> {
  const { uid, gid } = libvirtd.supervisor.user;
  const root = process.getuid?.() === 0;
  if (root) process.setegid?.(gid);
  if (root) process.seteuid?.(uid);
  try {
    return await admin.open(uriOf(libvirtd));
  } finally {
    if (root) process.seteuid?.(0);
    if (root) process.setegid?.(0);
  }
}

test('a daemon tells of its servers and their limits, and takes others', async () => {
  await using conn = await open();
  assert.ok(conn instanceof virAdmConnect);
  assert.deepEqual([await conn.isAlive(), await conn.getURI(), await conn.getLibVersion()], [1, uriOf(libvirtd), getVersion()]);
  assert.deepEqual((await conn.listServers()).map((server) => [server.name(), server.connect() === conn]).sort(), [
    ['admin', true],
    ['libvirtd', true],
  ]);
  const server = await conn.lookupServer('libvirtd');
  assert.ok(server instanceof virAdmServer);
  assert.equal(await server.setThreadPoolParameters({ minWorkers: 3, maxWorkers: 25, prioWorkers: 4 }), 0);
  const { minWorkers, maxWorkers } = await server.threadPoolParameters();
  assert.deepEqual([minWorkers, maxWorkers], [3, 25]);
  assert.equal(await server.setClientLimits({ nclients_max: 123 }), 0);
  assert.equal((await server.clientLimits()).nclients_max, 123);
  await assert.rejects(
    server.setClientLimits({ nclients_max: -1 }),
    new RangeError('virAdmServerSetClientLimits: params.nclients_max must be a whole number from 0 to 4294967295, not -1'),
  );
  await assert.rejects(conn.lookupServer('nobody'), { name: 'libvirtError', function: 'virAdmConnectLookupServer' });
});

test('a client is found, described and thrown out', async () => {
  await using conn = await open();
  const server = await conn.lookupServer('libvirtd');
  const guests = runScript(`
    import { open } from ${JSON.stringify(import.meta.resolve('@novalet/libvirt'))};
    const conn = await open(${JSON.stringify(libvirtd.testUri)});
    await conn.registerCloseCallback(() => (console.log('lost'), conn.close()));
    console.log('connected');`);
  assert.equal(await guests.line(), 'connected');
  const client = (await server.listClients()).at(-1);
  assert.ok(client);
  assert.deepEqual([client.server() === server, client.transport()], [true, VIR_CLIENT_TRANS_UNIX]);
  assert.ok(Math.abs(client.timestamp() - Date.now() / 1000) < 60);
  const { readonly, unix_process_id } = await client.info();
  assert.deepEqual([readonly, unix_process_id], [false, guests.pid]);
  assert.equal((await server.lookupClient(client.ID())).ID(), client.ID());
  assert.equal(await client.close(), 0);
  assert.equal(await guests.line(), 'lost');
  assert.equal(await guests.ended, 0);
  await assert.rejects(server.lookupClient(2n ** 40n), { name: 'libvirtError' });
});

test('a process that has opened the one library’s connection is refused the other’s, which would crash it', async () => {
  await using conn = await open();
  assert.equal(await conn.isAlive(), 1);
  await assert.rejects(openGuests('test:///default'), { name: 'libvirtError', err: null, message: /^virConnectOpen: .*child process$/ });
  const other = runScript(`
    import { open } from ${JSON.stringify(import.meta.resolve('@novalet/libvirt'))};
    import { open as openAdmin } from ${JSON.stringify(import.meta.resolve('@novalet/libvirt/admin'))};
    await (await open('test:///default')).close();
    await openAdmin('libvirtd:///session').catch((error) => console.log(error.message));`);
  assert.match((await other.line()) ?? '', /^virAdmConnectOpen: .*child process$/);
});

test('the log’s filters and outputs are set and read', async () => {
  await using conn = await open();
  assert.equal(await conn.setLoggingFilters('3:remote 4:util'), 0);
  assert.match(await conn.getLoggingFilters(), /^3:\*?remote\*? 4:\*?util/);
  assert.match(await conn.getLoggingOutputs(), /stderr/);
  assert.equal(await conn.setDaemonTimeout(0).catch(() => 0), 0);
});

test('a connection that is closed, or lost, says so', async () => {
  const conn = await open();
  const [server] = await conn.listServers();
  assert.equal(await conn.close(), 0);
  await assert.rejects(conn.getURI(), { code: 6 });
  assert.throws(() => server?.name(), { name: 'libvirtError' });
  await assert.rejects(conn.close(), { code: 6, function: 'virAdmConnectClose' });
  await assert.rejects(
    virAdmConnect.prototype.isAlive.call(server as never),
    new TypeError('virAdmConnectIsAlive: conn must be a virAdmConnect, not a virAdmServer'),
  );
  const other = await open();
  const told = new Promise<unknown[]>((resolve) => {
    void other.registerCloseCallback((...arguments_) => resolve(arguments_), 'mine').then(() => libvirtd.crash());
  });
  const waiting = setInterval(() => {}, 1000); // the callback keeps no process, and by then the daemon's end may have been told
  const [of, , opaque] = await told;
  clearInterval(waiting);
  assert.deepEqual([of === other, opaque], [true, 'mine']);
  assert.equal(await other.isAlive(), 0);
  await other.close();
});

test('a close callback keeps the process until it was told', async (t) => {
  const daemon = await withLibvirtd(t);
  const { uid, gid } = daemon.supervisor.user;
  const script = runScript(`import { open } from '@novalet/libvirt/admin';
    if (process.getuid() === 0) process.setegid(${gid}), process.seteuid(${uid});
    const conn = await open('${uriOf(daemon)}');
    await conn.registerCloseCallback(() => console.log('told'));
    console.log('ready');`);
  assert.equal(await script.line(), 'ready');
  await daemon.crash();
  assert.equal(await script.line(), 'told');
  assert.equal(await script.ended, 0);
});

test('every function and constant of libvirt-admin is there', () => {
  const list = readFileSync('/usr/share/libvirt/api/libvirt-admin-api.xml', 'utf8');
  const functions = [...list.matchAll(/<function name='(\w+)'/g)].map(([, name]) => name as string);
  const written = readFileSync(new URL('../../../bindings/src/overrides/admin.cc', import.meta.url), 'utf8');
  // Closing is by its own files; handles count and free by themselves.
  const elsewhere = /^virAdm(Connect(Close|Ref|RegisterCloseCallback|UnregisterCloseCallback)|ServerFree|ClientFree)$/;
  assert.deepEqual(
    functions.filter((name) => !elsewhere.test(name) && !written.includes(`"${name}"`)),
    [],
  );
  const constants = [...list.matchAll(/<(?:enum|macro) name='(VIR_(?:CLIENT|SERVER|THREADPOOL)_\w+)'/g)].map(([, name]) => name as string);
  assert.deepEqual(
    constants.filter((name) => !name.endsWith('_LAST') && !(name in admin)),
    [],
  );
});
