import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedListPath, readApiLists } from '../../generator/locate-lists.js';

test('a missing pkg-config is named with the package that brings it', () => {
  const missing = () => {
    throw Object.assign(new Error('spawnSync pkg-config ENOENT'), { code: 'ENOENT' });
  };
  assert.throws(() => installedListPath('libvirt', missing), /pkg-config is not installed.*apt-get install pkg-config libvirt-dev/);
});

test('a libvirt without its development files is named with the package that brings them', () => {
  const unknown = () => {
    throw Object.assign(new Error('exit 1'), { status: 1 });
  };
  assert.throws(() => installedListPath('qemu', unknown), /pkg-config does not know libvirt-qemu: install libvirt-dev/);
  assert.throws(() => installedListPath('lxc', () => '\n'), /no variable libvirt_lxc_api for libvirt-lxc/);
});

test('a list that is not where it should be is named', () => {
  assert.throws(
    () => readApiLists({ libvirt: '/nowhere/libvirt-api.xml' }),
    /API list \/nowhere\/libvirt-api\.xml is not there: install libvirt-dev/,
  );
});
