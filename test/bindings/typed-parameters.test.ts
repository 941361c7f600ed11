import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, VIR_ERR_ARGUMENT_UNSUPPORTED, type virDomain } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';

/** What a caller in JavaScript, without types, may come up with. */
const wrong = <T>(value: unknown): T => value as T;
const OFF = 0;
const CONFIG = 2;

async function onBoth(t: { after(end: () => Promise<void>): void }, look: (domain: virDomain) => Promise<void>): Promise<void> {
  for (const uri of ['test:///default', (await withLibvirtd(t)).testUri]) {
    await using conn = await open(uri);
    await look(await conn.lookupByName('test'));
  }
}

test('a dictionary that is set is the one that is read', async (t) => {
  await onBoth(t, async (domain) => {
    assert.equal(await domain.setSchedulerParameters({ weight: 77 }), 0);
    assert.equal(await domain.setMemoryParameters({ hard_limit: 2 ** 40, soft_limit: 4096n }, CONFIG), 0);
    const { hard_limit, soft_limit } = await domain.memoryParameters(CONFIG);
    assert.deepEqual([hard_limit, soft_limit], [2 ** 40, 4096]);
    assert.equal(await domain.setNumaParameters({ numa_nodeset: '0', numa_mode: 0 }, CONFIG), 0);
    assert.deepEqual(await domain.numaParameters(CONFIG), { numa_mode: 0, numa_nodeset: '0' });
    assert.equal(await domain.setPerfEvents({ cpu_cycles: true, cmt: false }, CONFIG), 0);
    const { cpu_cycles, cmt } = await domain.perfEvents(CONFIG);
    assert.deepEqual([cpu_cycles, cmt], [true, false]);
    assert.equal(await domain.setBlkioParameters({ weight: 300 }, CONFIG), 0);
    assert.equal((await domain.blkioParameters(CONFIG))['weight'], 300);
  });
});

test('a device’s dictionary that is set is the one that is read', async (t) => {
  await onBoth(t, async (domain) => {
    const network = 'aa:bb:cc:dd:ee:ff';
    assert.equal(await domain.setInterfaceParameters(network, { 'inbound.average': 1000, 'inbound.peak': 4_000_000_000 }, CONFIG), 0);
    const bandwidth = await domain.interfaceParameters(network, CONFIG);
    assert.deepEqual([bandwidth['inbound.average'], bandwidth['inbound.peak']], [1000, 4_000_000_000]); // over 2^31: unsigned
    assert.equal(
      await domain.setBlockIoTune('vda', { total_bytes_sec: 1_000_000n, total_bytes_sec_max: 2_000_000, group_name: 'shared' }, CONFIG),
      0,
    );
    const { total_bytes_sec, group_name } = await domain.blockIoTune('vda', CONFIG);
    assert.deepEqual([total_bytes_sec, group_name], [1_000_000, 'shared']);
  });
});

test('names that are not known are libvirt’s to refuse, values that do not fit are refused by name', async () => {
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  await assert.rejects(domain.setSchedulerParameters({ wait: 5 }), { name: 'libvirtError', code: VIR_ERR_ARGUMENT_UNSUPPORTED });
  const refusals: [Promise<unknown>, Error][] = [
    [domain.setSchedulerParameters({}), new RangeError('virDomainSetSchedulerParameters: params must name at least one parameter')],
    [
      domain.setSchedulerParameters({ weight: -1 }),
      new RangeError('virDomainSetSchedulerParameters: params.weight must be a whole number from 0 to 4294967295, not -1'),
    ],
    [
      domain.setSchedulerParameters({ weight: wrong('much') }),
      new TypeError('virDomainSetSchedulerParameters: params.weight must be a whole number from 0 to 4294967295, not the string "much"'),
    ],
    [domain.setPerfEvents({ cmt: wrong(1) }), new TypeError('virDomainSetPerfEvents: params.cmt must be a boolean, not 1')],
    [
      domain.setNumaParameters({ numa_nodeset: wrong(1) }),
      new TypeError('virDomainSetNumaParameters: params.numa_nodeset must be a string, not 1'),
    ],
    [
      domain.setMemoryParameters(wrong([1, 2, 3])),
      new TypeError('virDomainSetMemoryParameters: params must be an object of names and values, not an array'),
    ],
    [
      domain.setBlockIoTune('vda', { nobody_knows: wrong({}) }),
      new TypeError('virDomainSetBlockIoTune: params.nobody_knows must be a number, bigint, boolean or string, not an object'),
    ],
    [
      domain.setBlockIoTune('vda', { ['x'.repeat(80)]: 1 }),
      new RangeError(
        `virDomainSetBlockIoTune: params.${'x'.repeat(79)} must be named by at most 79 bytes, not the string "${'x'.repeat(63)}..."`,
      ),
    ],
  ];
  for (const [refused, error] of refusals) await assert.rejects(refused, error);
});

test('a name of JavaScript’s own objects is a name like any other', async () => {
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  await assert.rejects(domain.setSchedulerParameters({ constructor: 5, toString: 6 }), { name: 'libvirtError' });
});

test('statistics of the CPUs come as one dictionary or one for each', async (t) => {
  await onBoth(t, async (domain) => {
    const [total, ...none] = await domain.getCPUStats(true);
    assert.deepEqual([Object.keys(total ?? {}), none], [['cpu_time', 'user_time', 'system_time'], []]);
    const each = await domain.getCPUStats(false, OFF);
    assert.ok(each.length > 0 && each.every((one) => Object.keys(one).join() === 'cpu_time,vcpu_time'));
  });
});

test('statistics of some domains are those of these domains', async (t) => {
  for (const uri of ['test:///default', (await withLibvirtd(t)).testUri]) {
    await using conn = await open(uri);
    await using other = await open(uri);
    const domain = await conn.lookupByName('test');
    const stats = await conn.domainListGetStats([domain, domain]);
    assert.deepEqual(
      stats.map(([of, values]) => [of.name(), of.connect() === conn, values]),
      Array.from({ length: 2 }, () => ['test', true, { 'state.state': 1, 'state.reason': 0 }]),
    );
    await assert.rejects(
      conn.domainListGetStats([domain, wrong(conn)]),
      new TypeError('virDomainListGetStats: doms[1] must be a virDomain, not a virConnect'),
    );
    await assert.rejects(
      other.domainListGetStats([domain]),
      new RangeError('virDomainListGetStats: doms must be domains of this connection'),
    );
    domain[Symbol.dispose]();
    await assert.rejects(conn.domainListGetStats([domain]), { name: 'libvirtError', code: 7 });
  }
});
