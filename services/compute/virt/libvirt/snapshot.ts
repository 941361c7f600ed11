import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import type { SnapshotResult } from '../../../common/messages/results.js';
import type { SnapshotRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { timeLeft } from './deadline.js';
import { ownFile } from './disk-growth.js';
import { unfinishedName } from './disks.js';
import { readDefined } from './domain-now.js';
import { fromFileSystem } from './file-failure.js';
import { isThere } from './instance-directory.js';
import { qemuImg } from './qemu-img.js';
import { syncDirectory } from './sync-directory.js';

/**
 * A disk of an instance that is off, as one file that needs no other: under another name first, so that nobody takes half of one for an image.
 * Noted before it gets its name: a file that is there and was not noted is somebody else's, and is left alone.
 */
export async function snapshot(changing: Changing, request: SnapshotRequest, directory: string | undefined): Promise<SnapshotResult> {
  const { id, deadline } = changing;
  const { device, name, key, signal } = request;
  const what = `snapshot ${id}`;
  if (directory === undefined)
    throw new ComputeError('unsupported', `${what}: this host has no place for snapshots; its operator sets one (NOVALET_SNAPSHOT_DIR)`);
  const file = path.join(directory, name);
  const instance = await changing.run({
    name: 'snapshot',
    mustAct: ({ own }) => mustAct('snapshot', own.powerState, what),
    act: async ({ own, journal: { snapshotting } }) => {
      const there = await isThere(file).catch(fromFileSystem(what));
      if (there && (snapshotting?.key !== key || snapshotting.name !== name)) {
        throw new ComputeError('already-exists', `image.name: there is a file ${name} already; use another name`, { field: 'image.name' });
      }
      if (there) return; // the attempt before this one came so far
      const source = ownFile(await readDefined(changing, own.domain), changing.tools.directories.of(id), device, 'disk.device');
      await changing.note({ entry: 'snapshotting', key, name });
      const unfinished = unfinishedName(`${file}.${id}`);
      await changing.step('copy', async () => {
        const convert = ['convert', '-q', '-f', 'qcow2', '-O', 'qcow2', source, unfinished];
        await qemuImg(convert, timeLeft(deadline, what), signal);
        await stored(unfinished).catch(fromFileSystem(what));
      });
      await rename(unfinished, file).catch(fromFileSystem(what));
      await syncDirectory(directory).catch(fromFileSystem(what));
    },
  });
  const { size } = await stat(file).catch(fromFileSystem(what));
  return { instance, snapshot: { file, bytes: size, sha256: await sha256Of(file, signal).catch(fromFileSystem(what)) } };
}

async function stored(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024, ...(signal && { signal }) })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
