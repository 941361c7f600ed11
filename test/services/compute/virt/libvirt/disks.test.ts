import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { InstanceSpec } from '../../../../../services/common/messages/instance-spec.js';
import { makeDisk, planDisks } from '../../../../../services/compute/virt/libvirt/disks.js';
import { FreshQcow2Files } from '../../../../../services/compute/virt/libvirt/fresh-qcow2.js';
import { ImageInfos } from '../../../../../services/compute/virt/libvirt/image-info.js';
import { ImagePaths } from '../../../../../services/compute/virt/libvirt/image-paths.js';
import { DiskImages } from '../../../../../services/compute/images/disk-images.js';
import { ImageCache } from '../../../../../services/compute/images/image-cache.js';
import { UNMEASURED } from '../../../../../services/compute/images/metrics.js';
import { temporaryDirectory } from './temporary-directory.js';

const SECOND = 1000;
const MIB = 1024 * 1024;
const fresh = new FreshQcow2Files();

function diskImages(root: string, infos: ImageInfos): DiskImages {
  const bounds = { limitBytes: Infinity, maxImageBytes: Infinity, metrics: UNMEASURED, warn: () => {} };
  return new DiskImages(
    new ImagePaths([path.join(root, 'images')]),
    infos,
    new ImageCache({ ...bounds, stateDir: root, hosts: [], infos }),
  );
}

function workbench(t: TestContext) {
  const root = temporaryDirectory(t);
  const [images, directory] = [path.join(root, 'images'), path.join(root, 'instance')];
  for (const made of [images, directory]) mkdirSync(made);
  const image = (name: string, ...args: string[]) => {
    execFileSync('qemu-img', ['create', '-q', ...args, path.join(images, name), '8M']);
    return path.join(images, name);
  };
  const plan = (...disks: object[]) => {
    const spec = InstanceSpec.parse({ id: '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f', name: 'g', vcpus: 1, memoryMiB: 16, disks });
    const infos = new ImageInfos();
    return planDisks(spec, diskImages(root, infos), { signal: new AbortController().signal }).then((plan) => plan.disks);
  };
  const info = (name: string) =>
    JSON.parse(execFileSync('qemu-img', ['info', '--output=json', path.join(directory, name)], { encoding: 'utf8' })) as Record<
      string,
      unknown
    >;
  return { images, directory, image, plan, info };
}

test('an overlay has the size that was asked for, an empty disk as well, and nothing unfinished stays', async (t) => {
  const { directory, image, plan, info } = workbench(t);
  const base = image('base.qcow2', '-f', 'qcow2');
  const plans = await plan({ image: 'base.qcow2', sizeMiB: 16 }, { sizeMiB: 4 }, { image: base });
  await Promise.all(plans.map((disk) => makeDisk(directory, disk, fresh, 10 * SECOND)));
  const sizes = plans.map((disk) => info(disk.name)['virtual-size']);
  assert.deepEqual(sizes, [16 * MIB, 4 * MIB, 8 * MIB]);
  assert.deepEqual([info('disk-0.qcow2')['backing-filename'], info('disk-0.qcow2')['backing-filename-format']], [base, 'qcow2']);
  assert.deepEqual(readdirSync(directory).sort(), ['disk-0.qcow2', 'disk-1.qcow2', 'disk-2.qcow2']);
});

for (const name of [
  'a,b=c.img',
  'nbd:x:1',
  'json:{"driver":"null-co"}',
  '-b -F $(id) `id`.img',
  'q"uo\'te ü🦆.img',
  'file:x',
  'fat:rw',
  'backing_fmt=raw',
]) {
  test(`an image named ${name} is nothing but a file`, async (t) => {
    const { directory, image, plan, info } = workbench(t);
    const base = image('plain', '-f', 'qcow2');
    execFileSync('mv', ['--', base, path.join(path.dirname(base), name)]);
    const [disk] = await plan({ image: name });
    await makeDisk(directory, disk!, fresh, 10 * SECOND);
    assert.equal(info('disk-0.qcow2')['backing-filename'], path.join(path.dirname(base), name));
    execFileSync('qemu-img', ['check', '-q', path.join(directory, 'disk-0.qcow2')]);
  });
}

test('a raw image is found to be raw, and taken for what the user says it is', async (t) => {
  const { image, plan } = workbench(t);
  image('raw.img', '-f', 'raw');
  const [found, said] = await plan({ image: 'raw.img' }, { image: 'raw.img', imageFormat: 'raw' });
  assert.deepEqual([found?.base?.format, said?.base?.format], ['raw', 'raw']);
  await assert.rejects(plan({ image: 'raw.img', imageFormat: 'qcow2' }), {
    kind: 'invalid',
    details: { field: 'instance.disks[0].image' },
  });
});

test('an image that needs other files of the host is refused', async (t) => {
  const { images, image, plan } = workbench(t);
  const base = image('base.qcow2', '-f', 'qcow2');
  image('backed.qcow2', '-f', 'qcow2', '-F', 'qcow2', '-b', base);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', `data_file=${images}/data`, path.join(images, 'outside.qcow2'), '8M']);
  for (const name of ['backed.qcow2', 'outside.qcow2']) {
    await assert.rejects(plan({ image: name }), { kind: 'invalid', message: /instance\.disks\[0\]\.image.*needs another file/ }, name);
    await assert.rejects(plan({ image: name, imageFormat: 'qcow2' }), { kind: 'invalid' }, name);
  }
});

test('an image of a format that is not taken is refused by name', async (t) => {
  const { image, plan } = workbench(t);
  image('other.qed', '-f', 'qed');
  await assert.rejects(plan({ image: 'other.qed' }), { kind: 'invalid', message: /qed.*qemu-img convert/ });
});

test('an image that QEMU shall not use as it is stands beside as qcow2, made once', async (t) => {
  const { image, plan } = workbench(t);
  const file = image('other.vmdk', '-f', 'vmdk');
  const [first, second] = [(await plan({ image: 'other.vmdk' }))[0]?.base, (await plan({ image: 'other.vmdk' }))[0]?.base];
  assert.deepEqual([first?.format, first?.virtualSizeBytes], ['qcow2', 8 * MIB]);
  assert.notEqual(first?.file, file);
  assert.deepEqual(second, first);
});

test('a disk smaller than its image is refused with the least size', async (t) => {
  const { image, plan } = workbench(t);
  image('base.qcow2', '-f', 'qcow2');
  const refusal = { kind: 'invalid', message: /at least 8 MiB/, details: { field: 'instance.disks[1].sizeMiB' } };
  await assert.rejects(plan({ sizeMiB: 1 }, { image: 'base.qcow2', sizeMiB: 7 }), refusal);
});

test('a changed image is looked at again', async (t) => {
  const { images, image, plan } = workbench(t);
  image('base.img', '-f', 'qcow2');
  const spec = InstanceSpec.parse({
    id: '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f',
    name: 'g',
    vcpus: 1,
    memoryMiB: 16,
    disks: [{ image: 'base.img' }],
  });
  const infos = new ImageInfos();
  const taken = diskImages(path.dirname(images), infos);
  const format = async () => (await planDisks(spec, taken, { signal: new AbortController().signal })).disks[0]?.base?.format;
  assert.equal(await format(), 'qcow2');
  writeFileSync(path.join(images, 'base.img'), Buffer.alloc(MIB));
  assert.equal(await format(), 'raw');
  await assert.rejects(plan({ image: 'base.img', imageFormat: 'qcow2' }), { kind: 'invalid' });
});

for (const sizeMiB of [undefined, 8]) {
  test(`an image of no bytes is refused, ${sizeMiB === undefined ? 'without' : 'with'} a size`, async (t) => {
    const { images, plan } = workbench(t);
    writeFileSync(path.join(images, 'empty'), '');
    const wish = plan({ image: 'empty', ...(sizeMiB !== undefined && { sizeMiB }) });
    await assert.rejects(wish, { kind: 'invalid', message: /the image is empty/, details: { field: 'instance.disks[0].image' } });
  });
}

test('half of a disk that cannot be made does not stay', async (t) => {
  const directory = temporaryDirectory(t);
  class OnAFullDisk extends FreshQcow2Files {
    override make(file: string): Promise<void> {
      writeFileSync(file, 'half');
      return Promise.reject(new Error('ENOSPC'));
    }
  }
  await assert.rejects(makeDisk(directory, { name: 'disk-vdb.qcow2', sizeBytes: MIB }, new OnAFullDisk(), SECOND), /ENOSPC/);
  assert.deepEqual(readdirSync(directory), []);
});
