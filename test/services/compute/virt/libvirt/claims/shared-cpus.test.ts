import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../../../../../services/compute/virt/libvirt/link.js';
import { Claims } from '../../../../../../services/compute/virt/libvirt/claims/claims.js';
import { capacityOf } from '../../../../../../services/compute/virt/libvirt/claims/host-capacity.js';
import { domainXml } from '../../../../../../services/compute/virt/libvirt/domain-xml.js';
import { InstanceDirectories } from '../../../../../../services/compute/virt/libvirt/instance-directory.js';
import { spawnBody } from '../../../../../support/commands.js';

const LIMITS = { vcpuRatio: 4, memoryRatio: 1, memoryReserveMiB: 0, diskRatio: 1, diskReserveMiB: 0, pinnedCpus: [2, 3], sharedCpus: null };

test('guests without pins keep off the CPUs that are for pinning', async () => {
  const options = { link: {} as Link, directories: new InstanceDirectories('/nowhere'), capacity: { cpus: [0, 1, 2, 3] } };
  const claims = new Claims({ ...options, limits: LIMITS });
  const { instance } = spawnBody({ vcpus: 2 });
  const sharedCpus = await claims.sharedCpus(instance, Infinity);
  assert.deepEqual(sharedCpus, [0, 1]);
  const marks = { spec: instance, specHash: 'v1:0', generation: 1, requestId: 'r' };
  const xml = domainXml({ ...marks, virtType: 'kvm', diskFiles: [], consoleLog: '/log', ...(sharedCpus && { sharedCpus }) });
  assert.match(xml, /<vcpu cpuset="0,1">2<\/vcpu>/);
  assert.equal(await claims.sharedCpus(spawnBody({ vcpus: 2, cpuTune: { pins: [[2], [3]] } }).instance, Infinity), undefined);
  const anywhere = new Claims({ ...options, limits: { ...LIMITS, pinnedCpus: null } });
  assert.equal(await anywhere.sharedCpus(instance, Infinity), undefined);
});

test('the capacity is that of the machine at hand', async () => {
  const { memoryMiB, disk } = await capacityOf({ cpus: [0], memoryMiB: 4096 }, '/');
  assert.ok(memoryMiB !== undefined && memoryMiB <= 4096);
  assert.ok(disk && disk.totalMiB >= disk.freeMiB);
});
