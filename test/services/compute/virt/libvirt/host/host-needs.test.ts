import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { InstanceSpec } from '../../../../../../services/common/messages/instance-spec.js';
import { refuseHostLacks } from '../../../../../../services/compute/virt/libvirt/host/host-needs.js';
import { LocalHost } from '../../../../../../services/compute/virt/libvirt/host/local-host.js';
import { temporaryDirectory } from '../temporary-directory.js';

/** A host that has these files, and directories where a name ends with a slash. */
function hostWith(t: TestContext, ...files: [string, string?][]): LocalHost {
  const root = temporaryDirectory(t);
  for (const [name, content = ''] of files) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    if (name.endsWith('/')) mkdirSync(path.join(root, name), { recursive: true });
    else writeFileSync(path.join(root, name), content, { mode: 0o755 });
  }
  return new LocalHost(root);
}

const spec = (wish: object) =>
  InstanceSpec.parse({ id: '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f', name: 'g', vcpus: 1, memoryMiB: 2, ...wish });
const check = (wish: object, host: LocalHost, uri = 'qemu:///system') => refuseHostLacks(spec(wish), uri, host);

const BRIDGE = { interfaces: [{ kind: 'bridge', bridge: 'br0' }] };
const OVS = { interfaces: [{ kind: 'ovs', bridge: 'br-int', interfaceId: '66666666-6666-6666-6666-666666666666' }] };
const PAGES = { hugepages: { pageSizeKiB: 2048 } };
const SHARES = { cpuTune: { shares: 512 } };
const net = '/sys/class/net/';
const pages = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';
const mounts: [string, string] = ['/proc/mounts', 'hugetlbfs /dev/hugepages hugetlbfs rw 0 0\n'];

const CASES: [string, object, [string, string?][], RegExp | null][] = [
  ['a bridge that is there', BRIDGE, [[`${net}br0/bridge/`]], null],
  ['a device that is no bridge', BRIDGE, [[`${net}br0/`]], /^instance.interfaces\[0\].bridge: this host has no Linux bridge br0/],
  [
    'a tap device that is not there',
    { interfaces: [{ kind: 'tap', device: 'tap7' }] },
    [[net]],
    /\.device: this host has no network device tap7/,
  ],
  ['a device that is no tap device', { interfaces: [{ kind: 'tap', device: 'lo' }] }, [[`${net}lo/`]], /\.device: lo is no tap device/],
  ['a tap device', { interfaces: [{ kind: 'tap', device: 'tap7' }] }, [[`${net}tap7/tun_flags`, '0x1002']], null],
  ['a macvtap on what is not there', { interfaces: [{ kind: 'macvtap', device: 'eth7' }] }, [[net]], /\.device: /],
  ['Open vSwitch that is not installed', OVS, [[`${net}br-int/`]], /no Open vSwitch/],
  ['Open vSwitch with its bridge', OVS, [[`${net}br-int/`], ['/usr/bin/ovs-vsctl']], null],
  ['passt that is not installed', { interfaces: [{ kind: 'passt' }] }, [], /no passt/],
  ['pages that nobody set aside', PAGES, [[pages, '0\n'], mounts], /no pages of 2048 KiB/],
  [
    'pages that are not mounted',
    PAGES,
    [
      [pages, '8\n'],
      ['/proc/mounts', ''],
    ],
    /no hugetlbfs/,
  ],
  ['pages that are there', PAGES, [[pages, '8\n'], mounts], null],
  ['shares without a cgroup', SHARES, [['/sys/fs/cgroup/']], /no cgroup controller/],
  ['shares with cgroups of the second version', SHARES, [['/sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io\n']], null],
  ['shares with cgroups of the first version', SHARES, [['/sys/fs/cgroup/cpu/']], null],
];

for (const [name, wish, files, refused] of CASES) {
  test(`${refused ? 'refused' : 'let through'}: ${name}`, async (t) => {
    const checked = check(wish, hostWith(t, ...files));
    if (refused) await assert.rejects(checked, { kind: 'precondition', message: refused });
    else await checked;
  });
}

const SESSION = 'qemu+unix:///session?socket=/x';
const POOR: [string, string] = ['/proc/self/status', 'Name:\tnode\nCapEff:\t0000000000000000\n'];
const RICH: [string, string] = ['/proc/self/status', 'CapEff:\t000001ffffffffff\n'];
const tapOf = (user: number): [string, string?][] => [
  [`${net}tap7/tun_flags`, '0x1002'],
  [`${net}tap7/owner`, `${user}\n`],
  [`${net}tap7/group`, '-1\n'],
];
const TAP = { interfaces: [{ kind: 'tap', device: 'tap7' }] };
const MACVTAP = { interfaces: [{ kind: 'macvtap', device: 'eth7' }] };

test('a session that lacks the rights for network devices is denied them, with what to grant', async (t) => {
  const denied = (message: RegExp) => ({ kind: 'denied', message, details: { field: 'instance.interfaces[0].device' } });
  const eth: [string, string?] = [`${net}eth7/`];
  await assert.rejects(check(MACVTAP, hostWith(t, eth, POOR), SESSION), denied(/may not make a macvtap device on eth7: .*CAP_NET_ADMIN/));
  const theirs = tapOf(process.geteuid!() + 1);
  await assert.rejects(check(TAP, hostWith(t, ...theirs, POOR), SESSION), denied(/belongs to the user .*ip tuntap add/));
  for (const owner of [process.geteuid!(), -1]) await check(TAP, hostWith(t, ...tapOf(owner), POOR), SESSION);
  for (const [files, uri] of [
    [[eth, ...theirs, RICH], SESSION],
    [[eth, ...theirs, POOR], 'qemu:///system'],
    [[eth, ...theirs], SESSION],
  ] as [[string, string?][], string][])
    for (const wish of [TAP, MACVTAP]) await check(wish, hostWith(t, ...files), uri);
});

test('what cannot be told is let through', async (t) => {
  for (const wish of [BRIDGE, PAGES, SHARES]) await check(wish, hostWith(t));
});

test("a session's guests have no cgroups", async (t) => {
  await assert.rejects(check(SHARES, hostWith(t), 'qemu+unix:///session?socket=/x'), { kind: 'unsupported' });
});
