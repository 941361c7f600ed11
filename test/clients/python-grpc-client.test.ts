import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildGuest, GUEST_CMDLINE, GUEST_MEMORY_MIB } from '../../ops/guest/build-guest.js';
import { copyForUser } from '../../ops/private/copy-for-user.js';
import { takeAwayAfter, type TakeAway } from '../support/take-away.js';
import { hostUnderTest } from '../system/host-under-test.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const CLIENT = join(root, 'test/clients/python/grpc_client.py');
const OURS = join(root, 'services/common/proto');
/** Laid out by the build from npm packages; what is in protoc's own folder, Debian has in a package for C++ alone. */
const PUBLIC = join(root, '.cache/proto');
const BUILT_IN = join(root, 'node_modules/google-proto-files');

/** Stubs for Python of the published files, as docs/grpc.md says it. */
async function stubs(t: TakeAway): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-stubs-'));
  takeAwayAfter(t, () => rm(directory, { recursive: true }));
  const files = async (path: string) => (await readdir(path, { recursive: true })).filter((file) => file.endsWith('.proto'));
  const plugin = (await run('which', ['grpc_python_plugin'])).stdout.trim();
  const out = [`--python_out=${directory}`, `--grpc_out=${directory}`, `--plugin=protoc-gen-grpc=${plugin}`];
  await run('protoc', [`-I${OURS}`, `-I${PUBLIC}`, `-I${BUILT_IN}`, ...out, ...(await files(OURS)), ...(await files(PUBLIC))]);
  return directory;
}

for (const virtType of ['test', 'qemu'] as const) {
  test(`Python creates, watches, reads the console of and deletes an instance on ${virtType}, by the published files alone`, async (t) => {
    const host = await hostUnderTest(t, null, virtType);
    let spec: object = { vcpus: 1, memoryMiB: 32 };
    if (virtType === 'qemu') {
      const { directory, kernel, initrd } = await buildGuest(root);
      const { supervisor } = host.libvirtd;
      await supervisor.run('mkdir', ['-p', host.worker.imageDir]);
      await copyForUser(supervisor.user, directory, [kernel, initrd], host.worker.imageDir);
      spec = { vcpus: 1, memoryMiB: GUEST_MEMORY_MIB, kernel, initrd, cmdline: `${GUEST_CMDLINE} hostname=guest` };
    }
    await host.worker.start();
    const words = virtType === 'qemu' ? 'GUEST-UP' : '';
    const args = [CLIENT, await stubs(t), `unix:${host.worker.socket}`, randomUUID(), JSON.stringify(spec), words];
    const { stdout } = await run('/usr/bin/python3', args, { timeout: 180_000 });
    assert.match(stdout, /^created STATE_RUNNING$/m);
    assert.match(stdout, /^watched True from Python$/m);
    assert.match(stdout, /^console True$/m);
    assert.match(stdout, /^gone NOT_FOUND NOT_FOUND$/m);
    assert.deepEqual((await host.domains()).all, []);
  });
}
