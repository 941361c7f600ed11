import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from './support/run-script.js';
import { standBeforeLibvirt } from './support/stand-before-libvirt.js';

// What no driver at hand gives: see support/filling-libvirt.c. Bigints are printed with an n.
const SCRIPT = `
  import { open, setInt64Mode } from ${JSON.stringify(import.meta.resolve('@novalet/libvirt'))};
  const conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  const network = await conn.networkLookupByName('default');
  const say = (value) => console.log(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? one + 'n' : one)));
  for (let time = 0; time < 4; time++) {
    say(await domain.fsInfo());
    say(Object.entries(await domain.interfaceAddresses(0)));
    say(await network.DHCPLeases());
    say(await network.DHCPLeases('52:54:00:00:00:01'));
    say(await domain.guestInfo());
    say((await domain.getCPUStats(false)).filter((_, cpu) => [0, 127, 128, 299].includes(cpu)));
    say(await conn.getFreePages([4, 2048], 1, 2));
    setInt64Mode(time === 2 ? 'bigint' : 'number');
  }
  say(null);
  await domain.setMemoryParameters({ new1: -5, new2: 5, new3: 5, new4: 5, new5: 5, new6: true, new7: 'x', hard_limit: 1, other: 1.5 });
  await domain.setMemoryParameters({ new1: 2n ** 40n, new2: -1, new3: -1n, new5: -2, nobody: -3, [Symbol.iterator]: 1 });
  await conn.close();`;

const NUMBERS = [
  [
    ['/data', 'vda1', 'ext4', ['vda', 'vdb']],
    ['/', 'vda1', 'ext4', ['vda']],
    ['/data', null, 'ext4', []],
  ],
  [
    ['lo', { addrs: null, hwaddr: null }],
    [
      '__proto__',
      {
        addrs: [
          { addr: '10.0.0.1', prefix: 24, type: 0 },
          { addr: 'fe80::1', prefix: 64, type: 1 },
        ],
        hwaddr: '52:54:00:00:00:01',
      },
    ],
  ],
  [lease(null, null, null, null)],
  [lease(null, null, null, null), lease('52:54:00:00:00:01', 'guest', 'ff', '1')],
  { uint: 4294967295, ullong: 18446744073709552000, llong: -9007199254740992, text: 'grüß', double: -0.25 },
  [{ cpu_time: 0, vcpu_time: 7 }, { cpu_time: 127 }, { cpu_time: 128, vcpu_time: 7 }, { cpu_time: 299 }],
  { 1: { 4: 5000000000, 2048: 5000000001 }, 2: { 4: 5000000002, 2048: 5000000003 } },
];

function lease(mac: string | null, hostname: string | null, clientid: string | null, iaid: string | null): object {
  return { iface: 'virbr0', expirytime: 5000000000, type: 0, mac, ipaddr: '10.0.0.2', prefix: 24, hostname, clientid, iaid };
}

test('missing and empty parts, wide values and many CPUs arrive, at first, compiled, and as bigints', async (t) => {
  const folder = await standBeforeLibvirt(t, 'filling-libvirt.c');
  if (folder === null) return t.skip('libvirt-dev is not installed');
  const script = runScript(SCRIPT, { env: { LD_LIBRARY_PATH: folder } });
  const heard: unknown[] = [];
  for (let said = JSON.parse((await script.line()) ?? '') as unknown; said !== null; said = JSON.parse((await script.line()) ?? ''))
    heard.push(said);
  for (const time of [0, 1, 2]) assert.deepEqual(heard.slice(time * 7, time * 7 + 7), NUMBERS);
  const [fileSystems, , leases, , info, cpus, pages] = heard.slice(21);
  assert.deepEqual(fileSystems, NUMBERS[0]);
  assert.equal((leases as { expirytime: string }[])[0]?.expirytime, '5000000000n');
  assert.deepEqual(info, { uint: 4294967295, ullong: '18446744073709551615n', llong: '-9007199254740993n', text: 'grüß', double: -0.25 });
  assert.deepEqual((cpus as unknown[])[3], { cpu_time: '299n' });
  assert.deepEqual(pages, { 1: { 4: '5000000000n', 2048: '5000000001n' }, 2: { 4: '5000000002n', 2048: '5000000003n' } });

  // What is not in any list is given the type that the getter has, where it fits; other names what their values look like.
  assert.equal(await script.line(), 'new1:1 new2:2 new3:3 new4:4 new5:5 new6:6 new7:7 hard_limit:4 other:5');
  assert.equal(await script.line(), 'new1:4 new2:3 new3:3 new5:5 nobody:3');
  assert.equal(await script.ended, 0);
});
