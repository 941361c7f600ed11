import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const SETUP = join(root, 'ops/setup.sh');

/** A PATH with the programs of this machine that set-up asks for, and `stubs` (name to shell text) in place of some. */
function machineWith(t: TestContext, stubs: Record<string, string>): { PATH: string } {
  const bin = mkdtempSync(join(tmpdir(), 'novalet-path-'));
  t.after(() => rmSync(bin, { recursive: true }));
  for (const program of ['bash', 'dirname', 'node', 'mkdir', 'flock', 'awk', 'tr', 'cat', 'sort']) {
    symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(bin, program));
  }
  for (const [name, text] of Object.entries(stubs)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: bin };
}

/** dpkg-query as it answers where all is installed but `missing`. */
const dpkgWithout = (...missing: string[]): string =>
  `for p in "\${@:4}"; do case " ${missing.join(' ')} " in *" $p "*) ;; *) echo "installed $p" ;; esac; done`;

const setup = (env: { PATH: string }, ...purposes: string[]) => spawnSync('bash', [SETUP, ...purposes], { env, encoding: 'utf8' });

test('where nobody can install, the exact list is printed and set-up fails', (t) => {
  const env = machineWith(t, { 'dpkg-query': dpkgWithout('tini', 'qemu-utils'), 'apt-get': 'exit 1', id: 'echo 1000' });
  const { status, stderr } = setup(env, 'demo');
  assert.equal(status, 1);
  assert.match(stderr, /^ {2}apt-get install --no-install-recommends qemu-utils tini$/m);
  assert.match(stderr, /only root can install them/);
});

test('where there is no apt at all, every package is named', (t) => {
  const { status, stderr } = setup(machineWith(t, {}), 'check');
  assert.equal(status, 1);
  assert.match(stderr, /apt-get install --no-install-recommends libvirt-dev pkg-config g\+\+ make python3 clang-format$/m);
});

test('an older Node is told so', (t) => {
  const bin = machineWith(t, {});
  rmSync(join(bin.PATH, 'node'));
  writeFileSync(join(bin.PATH, 'node'), '#!/bin/bash\necho v18.20.4\n', { mode: 0o755 });
  const { status, stderr } = setup(bin, 'demo');
  assert.equal(status, 1);
  assert.match(stderr, /needs Node 20 or newer; here is v18\.20\.4/);
});

test('a purpose that does not exist is refused by name', (t) => {
  const { status, stderr } = setup(machineWith(t, {}), 'breakfast');
  assert.notEqual(status, 0);
  assert.match(stderr, /what is "breakfast"\?/);
});
