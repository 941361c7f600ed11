import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import type { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { Demand } from '../../services/compute/claims/demand.js';
import type { Capacity } from '../../services/compute/claims/limits.js';
import type { SpawnRequest } from '../../services/compute/ports.js';
import type { Claims } from '../../services/compute/virt/libvirt/claims/claims.js';
import { LibvirtDriver } from '../../services/compute/virt/libvirt/libvirt-driver.js';
import { spawnBody } from '../support/commands.js';
import { unmeasured } from './libvirt-bench.js';
import { realLibvirtBench, type RealLibvirtBench } from './real-libvirt.js';

const LIMITS = {
  vcpuRatio: 4,
  memoryRatio: 1,
  memoryReserveMiB: 0,
  diskRatio: 1,
  diskReserveMiB: 0,
  pinnedCpus: null,
  sharedCpus: null,
};
const HOST: Capacity = { cpus: [0, 1], memoryMiB: 256, disk: { totalMiB: 1000, freeMiB: 1000 } };

let bench: RealLibvirtBench;
before(async () => {
  bench = await realLibvirtBench('test');
  const connection = await libvirt.open(bench.uri);
  for (const domain of await connection.listAllDomains(0)) await domain.destroy(); // the test driver's own guest
  await connection.close();
});
after(() => bench.close());

/** A worker on the bench's host and its directory, and its claims. */
async function withDriver<T>(
  work: (driver: LibvirtDriver, claims: Claims) => Promise<T>,
  capacity = HOST,
  more: { readonly host?: string; readonly stateDir?: string } = {},
): Promise<T> {
  const { uri, stateDir, imageDir } = bench;
  const options = { uri, virtType: 'test', stateDir, imageDirs: [imageDir], metrics: unmeasured, ...more } as const;
  const driver = new LibvirtDriver(libvirt, { ...options, claims: { limits: LIMITS, capacity } });
  try {
    return await work(driver, driver.claims as Claims);
  } finally {
    await driver.close();
  }
}

function wish(more: Partial<InstanceSpec> = {}): SpawnRequest {
  const spec = spawnBody(more).instance;
  return { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + 60_000 };
}
const held = async (claims: Claims) => (await claims.ready(Infinity), new Map(claims.held()));
const later = { deadline: Date.now() + 600_000 };

test('claims are counted from the host as they were taken, by the next worker', async () => {
  const disks = [{ sizeMiB: 10 }, { sizeMiB: 3 }];
  const [a, b] = [wish({ disks, vcpus: 2 }), wish({ memoryMiB: 64, cpuTune: { pins: [[1]] } })];
  const taken = await withDriver(async (driver, claims) => {
    await driver.spawn(a);
    await driver.spawn(b);
    return held(claims);
  });
  assert.deepEqual(taken.get(a.spec.id), { vcpus: 2, memoryMiB: 16, diskMiB: 13, pinnedCpus: [] });
  await withDriver(async (driver, claims) => {
    assert.deepEqual(await held(claims), taken);
    for (const { spec } of [a, b]) await driver.destroy(spec.id, later);
    assert.equal((await held(claims)).size, 0);
  });
});

test("another worker's guest has what it has while it runs, as everybody else's, and is no claim of ours", async (t) => {
  const stateDir = await mkdtemp(path.join(path.dirname(bench.stateDir), 'another-'));
  t.after(() => rm(stateDir, { recursive: true, force: true }));
  const request = wish({ disks: [{ sizeMiB: 10 }], memoryMiB: 64 });
  const { id } = request.spec;
  await withDriver(
    async (other) => {
      await other.spawn(request);
      await withDriver(
        async (_driver, claims) => {
          const all = { vcpus: 1, memoryMiB: 64, diskMiB: 0, pinnedCpus: [], isOthers: true };
          assert.deepEqual((await held(claims)).get(id), all);
          await other.stop({ id, key: randomUUID(), graceMs: 0, ...later });
          await until(claims, () => !claims.held().has(id));
        },
        HOST,
        { host: 'host-b' },
      );
      await other.destroy(id, later);
    },
    HOST,
    { host: 'host-a', stateDir },
  );
});

test('a guest counts with all processors that it can have, a rescue with its disk, and a rebuild with what it makes larger', async () => {
  const request = wish({ disks: [{ sizeMiB: 10 }], maxVcpus: 3 });
  await writeFile(path.join(bench.imageDir, 'rescue.img'), Buffer.alloc(2 * 1024 * 1024));
  await withDriver(async (driver, claims) => {
    const { id } = request.spec;
    const change = () => ({ id, key: randomUUID(), graceMs: 0, ...later });
    const counts = (diskMiB: number) => until(claims, () => (claims.held().get(id) as Demand | undefined)?.diskMiB === diskMiB);
    await driver.spawn(request);
    assert.deepEqual((await held(claims)).get(id), { vcpus: 3, memoryMiB: 16, diskMiB: 10, pinnedCpus: [] });
    await driver.rescue({ ...change(), image: 'rescue.img' });
    await counts(12);
    await driver.unrescue(change());
    await counts(10);
    await driver.rebuild({ ...change(), disks: [{ device: 'vda', sizeMiB: 15 }] });
    await counts(15);
    const tooLarge = driver.rebuild({ ...change(), disks: [{ device: 'vda', sizeMiB: 5000 }] });
    await assert.rejects(tooLarge, { kind: 'exhausted', message: /disk: / });
    assert.equal((await driver.find(id))?.powerState, 'running');
    await driver.destroy(id, later);
  });
});

test('a spawn that does not fit is refused before anything is made, and keeps no claim', async () => {
  await withDriver(async (driver, claims) => {
    const first = wish({ memoryMiB: 200 });
    await driver.spawn(first);
    const second = wish({ memoryMiB: 100, disks: [{ sizeMiB: 1 }] });
    await assert.rejects(driver.spawn(second), { kind: 'exhausted', message: /memory: 100 MiB wanted, 56 free of 256/ });
    assert.deepEqual(await bench.traces(second.spec.id), []);
    assert.deepEqual([...(await held(claims)).keys()], [first.spec.id]);
    await driver.destroy(first.spec.id, later);
    await driver.spawn(second);
    await driver.destroy(second.spec.id, later);
  });
});

test('other people’s guests count while they run', async () => {
  const id = randomUUID();
  const connection = await libvirt.open(bench.uri);
  await withDriver(async (driver, claims) => {
    await held(claims);
    const xml = `<domain type='test'><name>other</name><uuid>${id}</uuid><memory unit='MiB'>250</memory><os><type>hvm</type></os></domain>`;
    const other = await connection.createXML(xml, 0);
    await until(claims, () => claims.held().has(id));
    await assert.rejects(driver.spawn(wish()), { kind: 'exhausted' });
    await other.destroy();
    await until(claims, () => !claims.held().has(id));
  });
  await connection.close();
});

test('a spawn that was cut off and comes again claims once', async () => {
  const request = wish({ memoryMiB: 200, disks: [{ sizeMiB: 5 }] });
  await (await bench.cutOffAfter('define', request)).close();
  await withDriver(async (driver, claims) => {
    assert.deepEqual((await held(claims)).get(request.spec.id), { vcpus: 1, memoryMiB: 200, diskMiB: 5, pinnedCpus: [] });
    await driver.spawn(request);
    assert.equal((await held(claims)).size, 1);
    await driver.destroy(request.spec.id, later);
  });
});

test('a dry run answers with claim, XML and disks, and leaves nothing', async () => {
  await withDriver(async (driver, claims) => {
    const request = wish({ id: '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f', vcpus: 9, disks: [{ sizeMiB: 8 }] });
    const before = await readdir(`${bench.stateDir}/instances`);
    const { domainXml, ...plan } = await driver.preview(request);
    assert.deepEqual(plan, {
      fits: false,
      exists: false,
      claim: [
        { resource: 'vcpus', unit: 'vcpus', wanted: 9, free: 8, total: 8, fits: false },
        { resource: 'memory', unit: 'MiB', wanted: 16, free: 256, total: 256, fits: true },
        { resource: 'disk', unit: 'MiB', wanted: 8, free: 1000, total: 1000, fits: true },
      ],
      disks: [{ name: 'disk-0.qcow2', format: 'qcow2', virtualSizeBytes: 8_388_608 }],
    });
    assert.match(
      domainXml ?? '',
      /^<domain type="test"><name>novalet-0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f<\/name>.*<vcpu>9<\/vcpu>.*disk-0\.qcow2/,
    );
    assert.deepEqual(await readdir(`${bench.stateDir}/instances`), before);
    assert.deepEqual(await bench.traces(request.spec.id), []);
    assert.equal((await held(claims)).size, 0);
    await assert.rejects(driver.preview(wish({ disks: [{ image: 'nowhere' }] })), { kind: 'not-found' });
  });
});

test('the XML of a dry run is what a spawn defines', async () => {
  await withDriver(async (driver) => {
    const request = wish({ disks: [{ sizeMiB: 8 }] });
    const connection = await libvirt.open(bench.uri);
    const { domainXml = '' } = await driver.preview(request);
    const planned = await connection.defineXML(domainXml);
    const asPlanned = await planned.XMLDesc(2);
    await planned.undefine();
    await driver.spawn(request);
    assert.equal(await (await connection.lookupByUUIDString(request.spec.id)).XMLDesc(2), asPlanned);
    assert.equal((await driver.preview(request)).exists, true);
    await driver.destroy(request.spec.id, later);
    await connection.close();
  });
});

test('nothing is left claimed after a thousand spawns, failures and destroys', async () => {
  await withDriver(async (driver, claims) => {
    const cycle = async (n: number) => {
      const request = wish({ memoryMiB: n % 3 === 0 ? 1000 : 16, ...(n % 3 === 1 && { disks: [{ sizeMiB: 1, image: 'nowhere' }] }) });
      await driver
        .spawn(request)
        .catch((error: { kind: string }) => assert.ok(['exhausted', 'not-found'].includes(error.kind), error.kind));
      if (n % 3 === 2) await driver.destroy(request.spec.id, later);
    };
    for (let n = 0; n < 1000; n += 4) await Promise.all([n, n + 1, n + 2, n + 3].map(cycle));
    await claims.settled();
    assert.equal((await held(claims)).size, 0);
  });
});

test('a thousand domains and their disks are counted', async (t) => {
  const connection = await libvirt.open(bench.uri);
  const ids = Array.from({ length: 1000 }, () => randomUUID() as string);
  await withDriver(async (driver) => {
    const request = wish({ disks: [{ sizeMiB: 8 }] });
    const { domainXml = '' } = await driver.preview(request);
    await driver.spawn(request);
    for (const id of ids) {
      await connection.defineXML(domainXml.replaceAll(request.spec.id, id));
      await cp(`${bench.stateDir}/instances/${request.spec.id}`, `${bench.stateDir}/instances/${id}`, { recursive: true });
    }
    await driver.destroy(request.spec.id, later);
  });
  const started = performance.now();
  await withDriver(async (_, claims) => {
    const counted = await held(claims);
    t.diagnostic(`counted in ${Math.round(performance.now() - started)} ms`);
    assert.equal(counted.size, 1000);
    for (const id of ids) assert.deepEqual(counted.get(id), { vcpus: 1, memoryMiB: 16, diskMiB: 8, pinnedCpus: [] });
  });
  await Promise.all((await connection.listAllDomains(0)).map((domain) => domain.undefine()));
  await connection.close();
});

/** Waits for the events that lead to it. */
async function until(claims: Claims, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await claims.settled();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
