/** Every program of bindings/examples does what it says. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { open, type virConnect } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { takeAwayAfter } from '../support/take-away.js';
import { runExample, startExample } from './run-example.js';

const TEST = 'test:///default';
const daemon = await withLibvirtd({ after });
const directory = await mkdtemp(join(tmpdir(), 'novalet-examples-'));
await chmod(directory, 0o777); // the daemon is another user's
after(() => rm(directory, { recursive: true }));

/** The daemon forgets the test driver's guests when its last connection closes: this one stays for the test. */
async function keepOpen(t: TestContext, uri: string): Promise<virConnect> {
  const conn = await open(uri);
  takeAwayAfter(t, async () => void (await conn.close()));
  return conn;
}

async function succeeds(name: string, ...args: string[]): Promise<string> {
  const { code, output, errors } = await runExample(name, ...args);
  assert.equal(errors, '');
  assert.equal(code, 0);
  return output;
}

test('list', async () => {
  const output = await succeeds('list', TEST);
  assert.match(output, /domain +6695eb01-f6a4-8304-79aa-97f2502e193f {2}test {2}running, id 1/);
  assert.match(output, /network .* default {2}active/);
  assert.match(output, /pool .* default-pool .* 0 volumes/);
  assert.match(output, /device {3}computer {2}system/);
});

test('dominfo', async () => {
  const output = await succeeds('dominfo', TEST, 'test');
  assert.match(output, /state +running\n/);
  assert.match(output, /memory +2097152 of at most 8388608 KiB/);
  const unknown = await runExample('dominfo', TEST, 'nobody');
  assert.deepEqual([unknown.code, unknown.errors], [1, 'nobody: Domain not found\n']);
});

test('domstart, domsave, domrestore', async (t) => {
  const conn = await keepOpen(t, daemon.testUri);
  const file = join(directory, 'domain.xml');
  await writeFile(file, '<domain type="test"><name>started</name><memory>1024</memory><os><type>hvm</type></os></domain>');
  assert.match(await succeeds('domstart', daemon.testUri, file), /started started, with the id \d+/);
  assert.match(await succeeds('domstart', daemon.testUri, file), /runs already/);
  const saved = join(directory, 'saved');
  await mkdir(saved);
  await chmod(saved, 0o777);
  assert.match(await succeeds('domsave', daemon.testUri, saved), /started saved in /);
  assert.equal(await conn.numOfDomains(), 0);
  assert.match(await succeeds('domrestore', daemon.testUri, saved), /started restored, with the id \d+/);
  assert.equal(await conn.numOfDomains(), 2);
  assert.deepEqual(await readdir(saved), []);
});

test('event-test', async (t) => {
  const conn = await keepOpen(t, daemon.testUri);
  const example = startExample('event-test', daemon.testUri);
  await example.line(/^listening$/);
  const domain = await conn.lookupByName('test');
  await domain.suspend();
  await example.line(/^domain test: suspended \(0\)$/);
  await (await conn.networkLookupByName('default')).destroy();
  await example.line(/^network default: stopped$/);
  await (await conn.storagePoolLookupByName('default-pool')).refresh();
  await example.line(/^pool default-pool: refreshed$/);
  assert.equal(await example.end('SIGINT'), 0);
});

test('nodestats', async () => {
  const output = await succeeds('nodestats', TEST);
  assert.match(output, /16 × i686 at 1400 MHz, 3072 MiB in 2 cell\(s\)/);
  assert.match(output, /3 of 8 CPUs online: 0, 2, 4/);
  assert.match(output, /test: CPU 0 on CPU \d+ of the host, may run on 0, 1, 2, 3, 4, 5, 6, 7/);
});

test('topology', async () => {
  assert.match(await succeeds('topology', TEST), /cell 1.*\n {2}CPU \d+: socket \d, core \d, siblings/);
});

test('domipaddrs', async () => {
  assert.match(await succeeds('domipaddrs', TEST, 'test', 'lease'), /testnet0 {2}.* 192\.168\.122\.3\/24/);
});

test('guest-vcpus says what it lacks where there is no guest agent', async () => {
  const { code, errors } = await runExample('guest-vcpus', TEST, 'test');
  assert.equal(code, 1);
  assert.match(errors, /^test: this function is not supported by the connection driver: virDomainGetGuestVcpus\n$/);
});

test('dhcpleases', async (t) => {
  const conn = await keepOpen(t, daemon.qemuUri);
  const network = await conn.networkDefineXML(`<network><name>leases</name><bridge name="virbr77"/>
    <ip address="192.168.77.1" prefix="24"><dhcp><range start="192.168.77.2" end="192.168.77.99"/></dhcp></ip></network>`);
  const lease = { 'ip-address': '192.168.77.5', 'mac-address': '52:54:00:11:22:33', hostname: 'guest', 'expiry-time': 4102444800 };
  await daemon.supervisor.write(`${daemon.directory}/r/libvirt/dnsmasq/lib/virbr77.status`, JSON.stringify([lease]));
  const output = await succeeds('dhcpleases', daemon.qemuUri, 'leases');
  await network.undefine();
  assert.equal(output, '2100-01-01T00:00:00.000Z  52:54:00:11:22:33  ipv4  192.168.77.5/24  guest  -\n');
});

test('sparsestream', async (t) => {
  const conn = await keepOpen(t, daemon.qemuUri);
  const pool = await conn.storagePoolCreateXML(`<pool type="dir"><name>volumes</name><target><path>${directory}</path></target></pool>`);
  const volume = await pool.createXML('<volume><name>sparse.raw</name><capacity>4194304</capacity><allocation>0</allocation></volume>');
  const [source, back] = [join(directory, 'source'), join(directory, 'back')];
  const content = Buffer.alloc(4194304);
  content.write('beginning');
  content.write('middle', 2000000);
  await writeFile(source, content);
  await succeeds('sparsestream', daemon.qemuUri, 'upload', await volume.path(), source);
  await succeeds('sparsestream', daemon.qemuUri, 'download', await volume.path(), back);
  assert.ok(content.equals(await readFile(back)));
  assert.ok((await stat(back)).blocks * 512 < 1048576, 'the holes were written');
  await volume.delete();
  await pool.destroy();
});

test('console', async (t) => {
  const conn = await keepOpen(t, daemon.qemuUri);
  // The firmware speaks on the serial line, and again and again: QEMU drops what nobody is connected for yet.
  const domain = await conn.defineXML(`<domain type="qemu"><name>talker</name><memory>16384</memory>
    <os><type arch="x86_64" machine="pc">hvm</type><bios useserial="yes" rebootTimeout="500"/></os><devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator><controller type="usb" model="none"/><memballoon model="none"/>
    <serial type="pty"/><console type="pty"/></devices></domain>`);
  const example = startExample('console', daemon.qemuUri, 'talker');
  await example.line(/leaves/);
  await domain.create();
  await example.line(/SeaBIOS/);
  example.write('\u001d');
  assert.equal(await example.end('input'), 0);
  await domain.destroy();
  await domain.undefine();
});
