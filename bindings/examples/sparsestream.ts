/**
 * Copies a storage volume into a file, or a file into a volume, without its holes.
 *
 *     node sparsestream.js URI download VOLUME FILE
 *     node sparsestream.js URI upload VOLUME FILE
 */
import { open as openFile, type FileHandle } from 'node:fs/promises';
import {
  open,
  VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM,
  VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM,
  type virStorageVol,
  type virStream,
} from '@novalet/libvirt';

const [uri, direction, path, file] = process.argv.slice(2);
if (uri === undefined || path === undefined || file === undefined || (direction !== 'download' && direction !== 'upload')) {
  throw new Error('usage: node sparsestream.js URI download|upload VOLUME FILE');
}

async function download(volume: virStorageVol, stream: virStream, to: FileHandle): Promise<void> {
  await volume.download(stream, 0, 0, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM);
  let at = 0;
  await stream.sparseRecvAll(
    async (_stream, data) => {
      await to.write(data, 0, data.length, at);
      at += data.length;
    },
    async (_stream, length) => {
      at += Number(length);
      await to.truncate(at);
    },
    null,
  );
}

// The file's blocks of zeros are taken for its holes: Node cannot ask the kernel for the real ones.
const BLOCK = 65536;

async function upload(volume: virStorageVol, stream: virStream, from: FileHandle): Promise<void> {
  await volume.upload(stream, 0, 0, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM);
  const { size } = await from.stat();
  let at = 0;
  const peek = async (length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await from.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  };
  await stream.sparseSendAll(
    async (_stream, length) => {
      const data = await peek(length);
      at += data.length;
      return data;
    },
    async () => {
      const block = await peek(Math.min(BLOCK, size - at));
      return [block.some((byte) => byte !== 0), block.length];
    },
    (_stream, length) => {
      at += Number(length);
    },
    null,
  );
}

await using conn = await open(uri);
const volume = await conn.storageVolLookupByPath(path);
const stream = conn.newStream();
const handle = await openFile(file, direction === 'download' ? 'w' : 'r');
try {
  await (direction === 'download' ? download : upload)(volume, stream, handle);
  await stream.finish();
} finally {
  await handle.close();
}
console.log(`${direction} of ${path} done`);
