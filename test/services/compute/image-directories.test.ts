import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { refuseOwnState } from '../../../services/compute/image-directories.js';
import { temporaryDirectory } from './virt/libvirt/temporary-directory.js';

test('an image directory from which guests could read the worker’s own files is refused, also through a link', (t) => {
  const root = temporaryDirectory(t);
  const state = `${root}/state`;
  mkdirSync(state);
  symlinkSync(root, `${root}/link`);
  for (const wrong of ['/', root, state, `${root}/link`, `${state}/instances`, `${state}/image-cache/images`]) {
    assert.throws(() => refuseOwnState([`${root}/images`, wrong], state), { kind: 'invalid', message: /NOVALET_IMAGE_DIRS/ });
  }
  refuseOwnState([`${root}/images`, `${state}/images`, `${root}/state-of-others`], state);
});
