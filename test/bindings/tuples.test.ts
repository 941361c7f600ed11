import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, VIR_DOMAIN_RUNNING } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';

test('tuples and dictionaries are those of libvirt-python', async (t) => {
  for (const uri of ['test:///default', (await withLibvirtd(t)).testUri]) {
    await using conn = await open(uri);
    const domain = await conn.lookupByName('test');
    assert.deepEqual(await domain.state(), [VIR_DOMAIN_RUNNING, 0]);
    assert.deepEqual((await domain.controlInfo()).slice(0, 2), [0, 0]);
    assert.deepEqual(await domain.schedulerType(), ['fair', 1]);
    assert.deepEqual(await domain.blockInfo('vda'), [1099506450432, 1099511627776, 1099511627776]);
    assert.deepEqual([(await domain.blockStats('vda')).length, (await domain.interfaceStats('testnet0')).length], [5, 8]);
    assert.deepEqual(await conn.getInfo(), ['i686', 3072, 16, 1400, 2, 2, 2, 2]);
    assert.deepEqual(await conn.getCPUMap(), [8, [true, false, true, false, true, false, false, false], 3]);
    assert.deepEqual(await conn.getCellsFreeMemory(0, 2), [2097152, 4194304]);
    assert.deepEqual(await domain.diskErrors(), { vda: 1 });
    assert.equal((await domain.memoryStats()).actual, 2097152);
    assert.deepEqual(await domain.fsInfo(), [
      ['/', 'vda1', 'ext4', ['vda']],
      ['/boot', 'vda2', 'ext4', ['vda']],
    ]);
    assert.deepEqual(await domain.interfaceAddresses(0), {
      testnet0: { addrs: [{ addr: '192.168.122.3', prefix: 24, type: 0 }], hwaddr: 'aa:bb:cc:dd:ee:ff' },
    });
    assert.equal(await domain.setTime({ seconds: 1234n, nseconds: 5 }), 0);
    assert.deepEqual(await domain.getTime(), { seconds: 1234, nseconds: 5 });
  }
});

test('what the guest’s agent does takes lists, null for all', async () => {
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  assert.deepEqual([await domain.fsFreeze(['/']), await domain.fsFreeze(), await domain.fsThaw(null), await domain.fsThaw()], [1, 1, 2, 0]);
  assert.equal(await domain.sendKey(0, 0, [1, 2], 2), 0);
  assert.equal(await domain.sendKey(0, 0, [1]), 0);
  await assert.rejects(domain.sendKey(0, 0, [1, 2], 3), { name: 'libvirtError', err: null });
  await assert.rejects(domain.sendKey(0, 0, [-1.5]), RangeError);
  await assert.rejects(domain.fsFreeze([5 as never]), new TypeError('virDomainFSFreeze: mountpoints[0] must be a string, not 5'));
  await assert.rejects(domain.fsFreeze('/' as never), TypeError);
  await assert.rejects(domain.setTime(), new TypeError('virDomainSetTime: time must be { seconds, nseconds }'));
  await assert.rejects(domain.setTime({} as never), new RangeError('virDomainSetTime: time.seconds is missing'));
});

test('limits that libvirt does not check are checked', async () => {
  await using conn = await open('test:///default');
  for (const [start, most] of [
    [-1, 1],
    [0, 0],
    [9999, 2],
  ] as const) {
    await assert.rejects(conn.getCellsFreeMemory(start, most), { name: 'libvirtError', err: null });
  }
  await assert.rejects(conn.getFreePages([4], 0, 0), new RangeError('virNodeGetFreePages: maxCells must not be 0'));
  await assert.rejects(conn.allocPages({}), new RangeError('virNodeAllocPages: pages must name at least one page size'));
  await assert.rejects(conn.allocPages([1] as never), TypeError);
});
