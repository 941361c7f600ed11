import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import { domainTypes } from '../../services/compute/virt/libvirt/domain-types.js';
import { withLibvirtd } from '../support/with-libvirtd.js';

test("a real libvirt's capabilities name the types of its domains", async (t) => {
  const { qemuUri, testUri } = await withLibvirtd(t);
  const typesAt = async (uri: string) => {
    const connection = await libvirt.openReadOnly(uri);
    const types = domainTypes(await connection.getCapabilities());
    await connection.close();
    return types;
  };
  assert.ok((await typesAt(qemuUri)).has('qemu'));
  assert.deepEqual(await typesAt(testUri), new Set(['test']));
});
