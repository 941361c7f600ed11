import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { InstanceSpec } from '../../../../../services/common/messages/instance-spec.js';
import { specHash } from '../../../../../services/common/spec-hash.js';
import { UNMEASURED } from '../../../../../services/compute/images/metrics.js';
import { LibvirtDriver } from '../../../../../services/compute/virt/libvirt/libvirt-driver.js';
import { withImageServer } from '../../../../support/image-server.js';
import { PretendedLibvirt } from './pretended-libvirt.js';
import { temporaryDirectory } from './temporary-directory.js';

test('a spawn waits for its image no longer than its deadline, says how far that was, and the download ends with it', async (t) => {
  const stateDir = temporaryDirectory(t);
  const server = await withImageServer(t);
  const driver = new LibvirtDriver(new PretendedLibvirt(), {
    ...{ uri: 'pretended:///', virtType: 'qemu', stateDir, imageDirs: [stateDir] },
    metrics: { observe: () => {}, connectionState: () => {} },
    images: { hosts: [server.host], limitBytes: Infinity, maxImageBytes: Infinity, metrics: UNMEASURED },
  });
  t.after(() => driver.close());
  let hungUp!: () => void;
  const ended = new Promise<void>((resolve) => (hungUp = resolve));
  const url = server.on('/slow', (_request, response) => {
    response.writeHead(200, { 'content-length': 1024 * 1024 });
    const timer = setInterval(() => response.write(Buffer.alloc(1024, 1)), 10);
    response.on('close', () => (clearInterval(timer), hungUp()));
  });
  const id = '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f';
  const spec = InstanceSpec.parse({ id, name: 'guest', vcpus: 1, memoryMiB: 16, disks: [{ image: { url } }] });
  const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + 1000 };
  await assert.rejects(driver.spawn(wish), {
    kind: 'timeout',
    message: /the deadline came before its images; what was fetched is kept \(.*\/slow: \d+ bytes are here\)/,
  });
  await ended;
  assert.deepEqual(readdirSync(path.join(stateDir, 'instances')), []);
});
