/** The same calls through libvirt-python and through the binding: what comes back, or fails, is the same but for what bindings/README.md lists. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setInt64Mode } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { BESIDE_THE_CALLS, DELIBERATE } from './deliberate.js';
import { withPythonSide } from './python-side.js';
import { runBoth } from './run-both.js';
import { ON_QEMU, ON_TEST_DRIVER } from './scenarios/all.js';
import type { Step } from './step.js';

const README = fileURLToPath(new URL('../../../bindings/README.md', import.meta.url));
setInt64Mode('bigint');
const python = withPythonSide({ after });
const daemon = await withLibvirtd({ after });
// A real network's leases would need root: libvirt reads them from this file.
const lease = {
  'ip-address': '192.168.77.5',
  'mac-address': '52:54:00:11:22:33',
  hostname: 'guest',
  'client-id': '01:52:54',
  'expiry-time': 4102444800,
};
await daemon.supervisor.write(`${daemon.directory}/r/libvirt/dnsmasq/lib/virbr77.status`, JSON.stringify([lease]));
const drivers = [
  { name: 'the test driver', uri: 'test:///default', scenarios: ON_TEST_DRIVER },
  { name: 'the test driver behind a daemon', uri: daemon.testUri, scenarios: ON_TEST_DRIVER },
  { name: 'QEMU', uri: daemon.qemuUri, scenarios: ON_QEMU },
];
const steps = [...ON_TEST_DRIVER, ...ON_QEMU].flatMap((scenario) => scenario.steps);
let called = 0;

for (const { name, uri, scenarios } of drivers) {
  for (const scenario of scenarios) {
    test(`${name}: ${scenario.name}`, async () => {
      const { calls, problems } = await runBoth(python, scenario, uri);
      called += calls;
      assert.equal(problems.join('\n'), '');
    });
  }
}

test('more than 400 calls were compared', () => {
  assert.ok(called >= 400, `${called}`);
});

test('every deliberate difference is shown by a step and explained in the README', async () => {
  const readme = await readFile(README, 'utf8');
  for (const name of DELIBERATE) {
    assert.ok(
      steps.some((step) => step.differs === name),
      `no step shows ${name}`,
    );
    assert.match(readme, new RegExp(`\\| \`${name}\` +\\|`));
  }
});

test('every difference beside the calls has a test that shows it, and the README has no other', async () => {
  const folders = ['bindings', 'generator'].map((name) => fileURLToPath(new URL(`../../../test/${name}/`, import.meta.url)));
  const files = (await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => folder + name)))).flat();
  const sources = await Promise.all(files.filter((name) => name.endsWith('.test.ts')).map((name) => readFile(name, 'utf8')));
  for (const title of Object.values(BESIDE_THE_CALLS)) {
    assert.ok(
      sources.some((source) => new RegExp(`^ *test\\(['\`]${title.replace(/[()]/g, '\\$&')}`, 'm').test(source)),
      `there is no test "${title}"`,
    );
  }
  const [, section] = /^## What differs from libvirt-python$(.*?)^## /ms.exec(await readFile(README, 'utf8')) ?? [];
  const rows = [...(section ?? '').matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name]) => name);
  assert.deepEqual(rows, [...DELIBERATE, ...Object.keys(BESIDE_THE_CALLS)]);
});

/** Not called, and why. */
const NEVER: Readonly<Record<string, string>> = {
  c_pointer: 'the address of the C object is nobody’s business here',
  lxcEnterCGroup: 'moves this process into another control group',
  registerErrorHandler: 'the suite itself needs it in Python, for silence',
  virEventInvokeFreeCallback: 'part of virEventRegisterImpl',
  virEventRegisterImpl: 'replaces the event loop',
  virEventRunDefaultImpl: 'runs all the time in Python, in a thread of its own',
  filterName: 'needs a filter binding, which only root can make',
  portDev: 'needs a filter binding, which only root can make',
  network: 'needs a network port, which only root can make',
  parameters: 'needs a network port, which only root can make',
  setParameters: 'needs a network port, which only root can make',
};

test('every method of libvirt-python is called at least once', async () => {
  const calledNames = new Set(steps.filter((step): step is Step => 'call' in step).map((step) => step.call.split('.')[1]));
  const { libvirt, qemu, lxc } = await python.surface();
  const names = [...Object.values(libvirt.classes).flat(), ...libvirt.functions, ...qemu.functions, ...lxc.functions];
  const missed = names.filter((name) => !calledNames.has(name) && !(name in NEVER));
  assert.deepEqual([...new Set(missed)].sort(), []);
});
