import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { rename, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import type { SnapshotResult } from '../../../common/messages/results.js';
import type { SnapshotRequest } from '../../ports.js';
import { unfinishedSnapshot } from '../../images/unfinished-snapshot.js';
import { mustAct } from '../../power-table.js';
import { openLent } from '../../private-files.js';
import type { Changing } from './changing.js';
import { timeLeft } from './deadline.js';
import { ownFile, virtualSize } from './disk-growth.js';
import { readDefined } from './domain-now.js';
import { fromFileSystem } from './file-failure.js';
import { isThere } from './instance-directory.js';
import { copyLive, endEarlierCopy } from './live-copy.js';
import { isOff } from './power-state.js';
import { percentOf, qemuImg } from './qemu-img.js';
import { stored } from './stored.js';
import { syncDirectory } from './sync-directory.js';

/**
 * A disk as one file that needs no other, of a guest that runs as it is when the copying begins: under another name first, so that nobody takes half of one for an image.
 * Noted before it gets its name: a file that is there and was not noted is somebody else's, and is left alone.
 */
export async function snapshot(changing: Changing, request: SnapshotRequest, directory: string | undefined): Promise<SnapshotResult> {
  const { id } = changing;
  const { device, name, key, signal } = request;
  const what = `snapshot ${id}`;
  if (directory === undefined)
    throw new ComputeError('unsupported', `${what}: this host has no place for snapshots; its operator sets one (NOVALET_SNAPSHOT_DIR)`);
  const file = path.join(directory, name);
  const unfinished = unfinishedSnapshot(file, id);
  const instance = await changing.run({
    name: 'snapshot',
    mustAct: ({ own }) => mustAct('snapshot', own.powerState, what),
    takeAway: () => rm(unfinished, { force: true }),
    act: async ({ own, journal: { snapshotting } }) => {
      const there = await isThere(file).catch(fromFileSystem(what));
      if (there && (snapshotting?.key !== key || snapshotting.name !== name)) {
        throw new ComputeError('already-exists', `image.name: there is a file ${name} already; use another name`, { field: 'image.name' });
      }
      if (there) return; // the attempt before this one came so far
      const source = ownFile(await readDefined(changing, own.domain), changing.tools.directories.of(id), device, 'disk.device');
      await changing.note({ entry: 'snapshotting', key, name });
      const runs = !isOff(own.powerState);
      if (runs && snapshotting?.key === key) await endEarlierCopy(changing, own.domain);
      await changing.step('copy', async () => {
        await makeFresh(unfinished, what).catch(fromFileSystem(what));
        if (runs) await copyLive(changing, own.domain, { device, source, target: unfinished }, request);
        else await copyAtRest(changing, source, unfinished, request);
        await stored(unfinished).catch(fromFileSystem(what));
      });
      await rename(unfinished, file).catch(fromFileSystem(what));
      await syncDirectory(directory).catch(fromFileSystem(what));
    },
  });
  const { size } = await stat(file).catch(fromFileSystem(what));
  return { instance, snapshot: { file, bytes: size, sha256: await sha256Of(file, signal).catch(fromFileSystem(what)) } };
}

/**
 * A file of our own under the name, in place of what an attempt before this one has left or somebody else has put there: qemu-img would write through a
 * link into whatever it leads to.
 */
async function makeFresh(file: string, what: string): Promise<void> {
  await unlink(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    if (error.code !== 'EISDIR' && error.code !== 'EPERM') throw error;
    const words = `${what}: in the directory for snapshots ${path.basename(file)} is no file that can be replaced; take it away`;
    throw new ComputeError('precondition', words, {}, { cause: error });
  });
  const handle = await openLent(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
  await handle.close();
}

async function copyAtRest(
  { id, deadline, progress }: Changing,
  source: string,
  target: string,
  { signal }: SnapshotRequest,
): Promise<void> {
  const what = `snapshot ${id}`;
  const totalBytes = await virtualSize(source);
  const onOutput = percentOf((percent) => progress({ phase: 'copy', bytes: Math.round((totalBytes * percent) / 100), totalBytes }));
  await qemuImg(['convert', '-p', '-f', 'qcow2', '-O', 'qcow2', source, target], timeLeft(deadline, what), signal, { onOutput });
}

async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024, ...(signal && { signal }) })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
