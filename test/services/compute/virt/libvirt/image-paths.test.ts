import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ImagePaths } from '../../../../../services/compute/virt/libvirt/image-paths.js';
import { temporaryDirectory } from './temporary-directory.js';

const FIELD = 'instance.disks[0].image';

function workbench(t: TestContext) {
  const root = temporaryDirectory(t);
  const [images, outside] = [path.join(root, 'images'), path.join(root, 'images-outside')];
  for (const directory of [images, outside, path.join(images, 'sub')]) mkdirSync(directory);
  writeFileSync(path.join(images, 'a, b:c.img'), '');
  writeFileSync(path.join(images, 'sub', 'deep.img'), '');
  writeFileSync(path.join(outside, 'secret'), '');
  symlinkSync(path.join(outside, 'secret'), path.join(images, 'escape.img'));
  symlinkSync('sub/deep.img', path.join(images, 'link.img'));
  symlinkSync('loop.img', path.join(images, 'loop.img'));
  return { images, outside, paths: new ImagePaths([path.join(root, 'missing'), images]) };
}

test('a file under an image directory is found by absolute and by relative name', async (t) => {
  const { images, paths } = workbench(t);
  assert.equal(await paths.resolve('a, b:c.img', FIELD), path.join(images, 'a, b:c.img'));
  assert.equal(await paths.resolve(path.join(images, 'sub/deep.img'), FIELD), path.join(images, 'sub/deep.img'));
  assert.equal(await paths.resolve('link.img', FIELD), path.join(images, 'sub/deep.img'));
});

test('what lies outside is answered like what is not there, word for word', async (t) => {
  const { outside, paths } = workbench(t);
  const answer = async (named: string) => {
    const error = await paths.resolve(named, FIELD).then(
      () => assert.fail(`${named} was let through`),
      (thrown: { kind: string; message: string; details: object }) => thrown,
    );
    return [error.kind, error.message.replace(JSON.stringify(named), '…'), error.details];
  };
  const missing = await answer('missing.img');
  assert.deepEqual(missing[2], { field: FIELD });
  const hostile = [
    path.join(outside, 'secret'),
    '../images-outside/secret',
    'escape.img',
    'loop.img',
    '/etc/passwd',
    '/no/such',
    '.',
    'sub',
    'a\0b',
  ];
  for (const named of hostile) assert.deepEqual(await answer(named), missing, named);
});
