import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import {
  libvirtError,
  open,
  poolStats,
  VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM,
  VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM,
  VIR_STREAM_NONBLOCK,
  virStorageVol,
  type virConnect,
  type virStream,
} from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { collectGarbage } from './support/collect-garbage.js';
import { runScript } from './support/run-script.js';
import { makePool, makeVolume } from './support/storage.js';

const MIB = 1 << 20;
const libvirtd = await withLibvirtd({ after });
const conn = await open(libvirtd.qemuUri);
after(() => conn.close());
const pool = await makePool(conn, libvirtd.directory);

let count = 0;
/** A volume with these bytes. */
async function volumeOf(data: Uint8Array): Promise<virStorageVol> {
  const volume = await makeVolume(pool, `v${count++}`, data.length);
  await using stream = conn.newStream();
  await volume.upload(stream, 0, data.length, 0);
  // None is awaited before the next: the stream keeps the order.
  const sent = [];
  for (let at = 0; at < data.length; at += 100_000) sent.push(stream.send(data.subarray(at, at + 100_000)));
  const finished = stream.finish();
  for (const [i, n] of (await Promise.all(sent)).entries()) assert.equal(n, Math.min(100_000, data.length - i * 100_000));
  assert.equal(await finished, 0);
  return volume;
}

async function bytesOf(volume: virStorageVol): Promise<Buffer> {
  await using stream = conn.newStream();
  await volume.download(stream, 0, 0, 0);
  const parts: Buffer[] = [];
  await stream.recvAll((from, data, opaque) => {
    assert.equal(from, stream);
    assert.equal(opaque, 'mine');
    parts.push(data);
  }, 'mine');
  await stream.finish();
  return Buffer.concat(parts);
}

test('what is sent without waiting arrives in order, and comes back the same', async () => {
  const data = randomBytes(3 * MIB + 17);
  assert.ok((await bytesOf(await volumeOf(data))).equals(data));
});

test('sendAll and recvAll take handlers that answer at once or later', async () => {
  const data = randomBytes(MIB + 1);
  const volume = await makeVolume(pool, 'all', data.length);
  const stream = conn.newStream();
  await volume.upload(stream, 0, data.length, 0);
  let at = 0;
  await stream.sendAll(async (_, nbytes) => {
    assert.equal(nbytes, virStorageVol.streamBufSize);
    await new Promise(setImmediate);
    return data.subarray(at, (at += nbytes));
  });
  await stream.finish();
  assert.ok((await bytesOf(volume)).equals(data));
});

test('a handler that fails aborts the stream', async () => {
  const volume = await volumeOf(randomBytes(2 * MIB));
  const failing: [(stream: virStream) => Promise<void>, RegExp][] = [
    [(stream) => stream.recvAll(() => -1), /^Error: recvAll handler returned -1$/],
    [(stream) => stream.recvAll(() => Promise.reject(new TypeError('mine'))), /^TypeError: mine$/],
  ];
  for (const [run, message] of failing) {
    const stream = conn.newStream();
    await volume.download(stream, 0, 0, 0);
    await assert.rejects(run(stream), message);
    await assert.rejects(stream.recv(1), libvirtError);
  }
  const stream = conn.newStream();
  await volume.upload(stream, 0, 0, 0);
  await assert.rejects(
    stream.sendAll(() => {
      throw new RangeError('mine');
    }),
    /^RangeError: mine$/,
  );
});

test('holes are sent and received as holes', async () => {
  const data = randomBytes(MIB);
  const volume = await makeVolume(pool, 'sparse', 64 * MIB, 0);
  const up = conn.newStream();
  await volume.upload(up, 0, 64 * MIB, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM);
  const sections = [
    { inData: true, from: 0, length: data.length },
    { inData: false, from: data.length, length: 62 * MIB },
    { inData: true, from: 63 * MIB, length: data.length },
  ];
  let at = 0;
  const section = () => sections.find(({ from, length }) => at >= from && at < from + length);
  await up.sparseSendAll(
    (_, nbytes) => {
      if (section() === undefined) return null;
      const start = at % MIB;
      at += nbytes;
      return data.subarray(start, start + nbytes);
    },
    () => {
      const here = section();
      return here === undefined ? [0, 0] : [here.inData, here.from + here.length - at];
    },
    (_, length) => void (at += length),
  );
  await up.finish();

  const down = conn.newStream();
  await volume.download(down, 0, 0, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM);
  const came: (Buffer | number)[] = [];
  await down.sparseRecvAll(
    (_, bytes) => void came.push(bytes),
    (_, length) => Promise.resolve(came.push(length)),
  );
  await down.finish();
  assert.deepEqual(
    came.filter((one) => typeof one === 'number'),
    [62 * MIB],
  );
  const [before, after_] = [came.slice(0, came.indexOf(62 * MIB)), came.slice(came.indexOf(62 * MIB) + 1)] as Buffer[][];
  assert.ok(Buffer.concat(before ?? []).equals(data) && Buffer.concat(after_ ?? []).equals(data));
});

test('a Readable gives all in order, and no more than it is asked for', async () => {
  const data = randomBytes(8 * MIB);
  const volume = await volumeOf(data);
  for (const flags of [0, VIR_STREAM_NONBLOCK]) {
    const stream = conn.newStream(flags);
    await volume.download(stream, 0, 0, 0);
    const readable = stream.readable();
    const hash = createHash('sha256');
    for await (const chunk of readable) {
      await new Promise(setImmediate);
      assert.ok(readable.readableLength <= 2 * 262120);
      hash.update(chunk as Buffer);
    }
    assert.equal(hash.digest('hex'), createHash('sha256').update(data).digest('hex'));
    assert.ok(readable.destroyed && readable.readableEnded);
  }
});

test('a Writable takes what is written, holds the writer back, and ends when all is stored', async () => {
  const data = randomBytes(8 * MIB);
  for (const flags of [0, VIR_STREAM_NONBLOCK]) {
    const volume = await makeVolume(pool, `w${flags}`, data.length);
    const stream = conn.newStream(flags);
    await volume.upload(stream, 0, data.length, 0);
    const writable = stream.writable();
    let held = 0;
    for (let at = 0; at < data.length; at += MIB) {
      if (writable.write(data.subarray(at, at + MIB))) continue;
      held++;
      await new Promise((resolve) => writable.once('drain', resolve));
    }
    await new Promise<void>((resolve) => writable.end(resolve));
    assert.ok(held > 0);
    assert.ok((await bytesOf(volume)).equals(data));
  }
});

test('an error of the other end is the Node stream’s error', async () => {
  const volume = await makeVolume(pool, 'small', 1000);
  // Of its own: now and then libvirt closes a connection when a stream is finished while its error is on the way.
  await using own = await open(libvirtd.qemuUri);
  const stream = own.newStream();
  await (await own.storageVolLookupByPath(await volume.path())).upload(stream, 0, 1000, 0);
  const writable = stream.writable();
  const failed = new Promise<Error>((resolve) => writable.once('error', resolve));
  writable.end(Buffer.alloc(5000));
  assert.ok((await failed) instanceof libvirtError);
  await assert.rejects(async () => {
    for await (const _ of conn.newStream().readable()) assert.fail('nothing was opened');
  }, libvirtError);
});

test('leaving a Readable early aborts its stream, and the signal ends both', async () => {
  const volume = await volumeOf(Buffer.alloc(16 * MIB));
  const stream = conn.newStream();
  await volume.download(stream, 0, 0, 0);
  const left = stream.readable();
  const closed = new Promise((resolve) => left.once('close', resolve));
  for await (const _ of left) break;
  await closed;
  await assert.rejects(stream.recv(1), libvirtError);

  const controller = new AbortController();
  const other = conn.newStream(VIR_STREAM_NONBLOCK);
  await volume.download(other, 0, 0, 0);
  const readable = other.readable({ signal: controller.signal });
  await assert.rejects(
    async () => {
      for await (const _ of readable) controller.abort();
    },
    { name: 'AbortError' },
  );
  await assert.rejects(other.recv(1), libvirtError);
});

test('arguments of streams are checked', async () => {
  await using stream = conn.newStream();
  await assert.rejects(stream.send('text' as never), new TypeError('virStreamSend: data must be a Uint8Array, not the string "text"'));
  await assert.rejects(stream.recv(-1), new RangeError('virStreamRecv: nbytes must be a whole number from 0 to 1073741824, not -1'));
  await assert.rejects(stream.eventAddCallback(1, null as never), TypeError);
  await assert.rejects(stream.recv(1), libvirtError);
});

/** Files below the pool that the daemon has open. */
function openVolumes(): number {
  const fds = `/proc/${libvirtd.pid}/fd`;
  return readdirSync(fds).length;
}

test('a stream that is forgotten or disposed of before its end is aborted', async () => {
  const volume = await volumeOf(Buffer.alloc(16 * MIB));
  const begin = async (): Promise<virStream> => {
    const stream = conn.newStream();
    await volume.download(stream, 0, 0, 0);
    await stream.recv(1);
    return stream;
  };
  const before = openVolumes();
  await (async () => {
    await begin();
    await begin();
  })();
  await waitUntil('the forgotten streams to be aborted', async () => (await collectGarbage(), openVolumes() <= before));
  {
    await using stream = await begin();
    assert.ok(stream);
  }
  await waitUntil('the disposed stream to be aborted', () => openVolumes() <= before);
});

test('closing a connection ends its streams', async () => {
  const own: virConnect = await open(libvirtd.qemuUri);
  const volume = await (await own.storagePoolLookupByName('pool')).storageVolLookupByName('v0');
  const stream = own.newStream();
  await volume.download(stream, 0, 0, 0);
  await stream.recv(1);
  assert.equal(await own.close(), 0);
  await assert.rejects(stream.recv(1), { name: 'libvirtError', code: 6 });
  assert.equal(poolStats().active, 0);
});

test('a rejected promise of a stream’s callback is an uncaught exception', async () => {
  const volume = await volumeOf(Buffer.from('told of'));
  const script = runScript(
    `import { open, VIR_STREAM_EVENT_READABLE, VIR_STREAM_NONBLOCK } from '@novalet/libvirt';
     process.on('uncaughtException', (error) => {
       console.log(error.message);
       process.exit(0);
     });
     const conn = await open('${libvirtd.qemuUri}');
     const volume = await conn.storageVolLookupByPath(${JSON.stringify(await volume.path())});
     const stream = conn.newStream(VIR_STREAM_NONBLOCK);
     await volume.download(stream, 0, 0, 0);
     await stream.eventAddCallback(VIR_STREAM_EVENT_READABLE, async () => { throw new Error('from a callback'); });`,
  );
  assert.equal(await script.line(), 'from a callback');
  assert.equal(await script.ended, 0);
});
