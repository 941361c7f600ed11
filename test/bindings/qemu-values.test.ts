import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  setInt64Mode,
  VIR_DOMAIN_BLOCK_COPY_REUSE_EXT,
  VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB,
  VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT,
  VIR_DOMAIN_BLOCK_JOB_READY,
  VIR_DOMAIN_BLOCK_JOB_TYPE_COPY,
  VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2,
  VIR_DOMAIN_RUNNING,
  VIR_ERR_AGENT_UNRESPONSIVE,
  VIR_MEMORY_PHYSICAL,
  VIR_MIGRATE_LIVE,
  type virConnect,
  type virDomain,
} from '@novalet/libvirt';
import { qemuMonitorCommand, qemuMonitorCommandWithFiles } from '@novalet/libvirt/qemu';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { askPython, runGuest } from './support/qemu-guest.js';

const libvirtd = await withLibvirtd({ after });
let conn: virConnect;
let domain: virDomain;
let disk: string;

before(async () => {
  ({ conn, domain, disk } = await runGuest(libvirtd));
});
after(async () => {
  await conn.close();
});

test('what a real guest tells is what libvirt-python hears', async () => {
  const python = await askPython(
    libvirtd.qemuUri,
    `[domain.state(), domain.blockInfo('vda'), domain.blockIoTune('vda'), domain.jobStats(), domain.blockJobInfo('vda'), domain.ioThreadInfo(),
      domain.vcpuPinInfo(), domain.perfEvents(), domain.diskErrors(), domain.messages(), domain.securityLabelList(), domain.numaParameters(),
      domain.interfaceParameters('52:54:00:00:00:01'), domain.blockPeek('vda', 0, 7), conn.getSecurityModel(), conn.getMemoryParameters(),
      conn.getCPUMap(), domain.migrateGetMaxSpeed()]`,
  );
  const hex = (bytes: Buffer): string => bytes.toString('hex');
  assert.deepEqual(
    [
      await domain.state(),
      await domain.blockInfo('vda'),
      await domain.blockIoTune('vda'),
      await domain.jobStats(),
      await domain.blockJobInfo('vda'),
      await domain.ioThreadInfo(),
      await domain.vcpuPinInfo(),
      await domain.perfEvents(),
      await domain.diskErrors(),
      await domain.messages(),
      await domain.securityLabelList(),
      await domain.numaParameters(),
      await domain.interfaceParameters('52:54:00:00:00:01'),
      hex(await domain.blockPeek('vda', 0, 7)),
      await conn.getSecurityModel(),
      await conn.getMemoryParameters(),
      await conn.getCPUMap(),
      await domain.migrateGetMaxSpeed(),
    ],
    python,
  );
});

test('statistics of a real guest are those of libvirt-python, by name and type', async () => {
  const python = (await askPython(libvirtd.qemuUri, 'conn.getAllDomainStats()[0][1]')) as Record<string, unknown>;
  const types = (stats: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(Object.entries(stats).map(([name, value]) => [name, typeof value]));
  const stats = (await conn.getAllDomainStats())[0]?.[1] ?? {};
  assert.ok(Object.keys(stats).length > 40);
  assert.deepEqual(types(stats), types(python));
  setInt64Mode('bigint');
  const exact = (await conn.domainListGetStats([domain]))[0]?.[1] ?? {};
  setInt64Mode('number');
  assert.deepEqual([typeof exact['cpu.time'], typeof exact['net.count'], typeof exact['block.0.path']], ['bigint', 'number', 'string']);
});

test('pieces of a disk and of memory come as bytes', async () => {
  assert.equal((await domain.blockPeek(disk, 0n, 7)).toString(), 'novalet');
  assert.equal((await domain.memoryPeek(0, 4096, VIR_MEMORY_PHYSICAL)).length, 4096);
  await assert.rejects(domain.blockPeek('vda', -1, 1), RangeError);
  await assert.rejects(domain.blockPeek('vda', 0, 2 ** 40), { name: 'libvirtError', err: null });
  await assert.rejects(domain.blockPeek('vda', 2 ** 50, 1), { name: 'libvirtError' });
});

test('a secret keeps bytes', async () => {
  const secret = await conn.secretDefineXML('<secret ephemeral="yes" private="no"><usage type="vtpm"><name>one</name></usage></secret>');
  assert.equal(await secret.setValue('päss'), 0);
  assert.deepEqual(await secret.value(), Buffer.from('päss'));
  assert.equal(await secret.setValue(new Uint8Array([0, 255, 0])), 0);
  assert.deepEqual(await secret.value(), Buffer.from([0, 255, 0]));
  await assert.rejects(secret.setValue(5 as never), new TypeError('virSecretSetValue: value must be a Uint8Array or a string, not 5'));
  assert.deepEqual([await conn.listSecrets(), (await conn.listAllSecrets()).length], [[secret.UUIDString()], 1]);
  assert.equal((await conn.secretLookupByUUID(secret.UUID())).usageID(), 'one');
  await secret.undefine();
});

test('an I/O thread takes its parameters and its CPUs', async () => {
  assert.equal(await domain.setIOThreadParams(1, { poll_max_ns: 5000, poll_grow: 2 }), 0);
  const stats = (await conn.domainListGetStats([domain]))[0]?.[1] ?? {};
  assert.deepEqual([stats['iothread.1.poll-max-ns'], stats['iothread.1.poll-grow']], [5000, 2]);
  assert.equal(await domain.pinIOThread(1, [true], 2), 0);
  assert.deepEqual(
    (await domain.ioThreadInfo(2)).map(([id, [first, ...others]]) => [id, first, others.some(Boolean)]),
    [[1, true, false]],
  );
});

test('a disk is copied, and the job tells how far it is', async () => {
  await libvirtd.supervisor.run('truncate', ['-s', '16M', `${disk}.copy`]);
  let told = (): void => {};
  const ready = new Promise<void>((resolve) => (told = resolve)); // a job that is at its end need not be ready yet
  const events = await conn.domainEventRegisterAny(domain, VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, (_conn, _domain, _disk, _type, status) => {
    if (status === VIR_DOMAIN_BLOCK_JOB_READY) told();
  });
  const destination = `<disk type="file"><driver type="raw"/><source file="${disk}.copy"/></disk>`;
  assert.equal(
    await domain.blockCopy(
      'vda',
      destination,
      { bandwidth: 0, granularity: 65536 },
      VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB,
    ),
    0,
  );
  await ready;
  const { type, cur, end } = await domain.blockJobInfo('vda');
  assert.deepEqual([type, cur], [VIR_DOMAIN_BLOCK_JOB_TYPE_COPY, end]);
  assert.equal(await domain.blockJobAbort('vda', VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT), 0);
  await conn.domainEventDeregisterAny(events);
  assert.equal(readFileSync(`${disk}.copy`).subarray(0, 7).toString(), 'novalet');
});

test('the monitor answers, with and without files', async () => {
  const answer = JSON.parse(await qemuMonitorCommand(domain, '{"execute":"query-status"}')) as { return: { status: string } };
  assert.equal(answer.return.status, 'running');
  const file = openSync('/dev/null', 'r+');
  const command = '{"execute":"add-fd","arguments":{"fdset-id":99}}';
  const [added, files] = await qemuMonitorCommandWithFiles(domain, command, [file]);
  closeSync(file);
  assert.deepEqual([(JSON.parse(added) as { return: { 'fdset-id': number } }).return['fdset-id'], files], [99, []]);
  await assert.rejects(qemuMonitorCommandWithFiles(domain, command, ['x' as never]), TypeError);
});

test('without an agent in the guest, what it would tell is refused', async () => {
  const questions = [
    () => domain.guestVcpus(),
    () => domain.guestInfo(),
    () => domain.getTime(),
    () => domain.fsInfo(),
    () => domain.authorizedSSHKeysGet('root'),
  ];
  for (const ask of questions) await assert.rejects(ask(), { name: 'libvirtError', code: VIR_ERR_AGENT_UNRESPONSIVE });
});

test('a migration takes typed parameters, names that repeat among them', async () => {
  const params = { migrate_disks: ['vda', 'vdb'], bandwidth: 5, 'compression.mt.level': 3 };
  await assert.rejects(domain.migrateToURI3('nowhere:///', params, VIR_MIGRATE_LIVE), { name: 'libvirtError' });
  await assert.rejects(domain.migrate3(conn, { migrate_uri: 'tcp:127.0.0.1' }, VIR_MIGRATE_LIVE), { name: 'libvirtError' });
  await assert.rejects(
    domain.migrate3(conn, { disks_port: 2 ** 40 }),
    new RangeError('virDomainMigrate3: params.disks_port must be a whole number from -2147483648 to 2147483647, not 1099511627776'),
  );
  await assert.rejects(
    domain.migrate3(domain as never, {}),
    new TypeError('virDomainMigrate3: dconn must be a virConnect, not a virDomain'),
  );
});

test('files go along with a new domain, and stay the caller’s', async () => {
  const file = openSync('/dev/null', 'r');
  const xml = '<domain type="qemu"><name>transient</name><memory>8192</memory><os><type>hvm</type></os></domain>';
  await assert.rejects(conn.createXMLWithFiles(xml, [file]), { name: 'libvirtError' }); // QEMU's driver takes none
  const other = await conn.createXMLWithFiles(xml, []).catch(() => null);
  await other?.destroy();
  assert.equal(await domain.FDAssociate('mine', [file]), 0);
  closeSync(file); // throws when it is not open any more
});

test('a guest is saved and restored by parameters', async () => {
  const file = `${libvirtd.directory}/guest.save`;
  assert.equal(await domain.saveParams({ file }), 0);
  assert.deepEqual(await conn.listDomainsID(), []);
  assert.equal(await conn.restoreParams({ file }), 0);
  assert.equal((await domain.state())[0], VIR_DOMAIN_RUNNING);
});

test('free pages and memory of the host are numbers of pages and bytes', async () => {
  const pages = await conn.getFreePages([4], -1, 1);
  assert.ok((pages[-1]?.[4] ?? 0) > 0);
  const [free] = await conn.getCellsFreeMemory(0, 1);
  assert.ok((free ?? 0) > 2 ** 20);
  const { total } = await conn.getMemoryStats(-1);
  assert.ok((total ?? 0) > 2 ** 18);
});
