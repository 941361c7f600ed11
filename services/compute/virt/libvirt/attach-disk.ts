import { unlink } from 'node:fs/promises';
import { ComputeError, type ErrorKind } from '../../../common/errors.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { withDisk, withoutDisk } from '../../instances/spec-now.js';
import type { AttachDiskRequest, DetachDiskRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { inMiB, virtualSizeOf } from './claims/disk-sizes.js';
import { attribute, child, type Element } from './definition.js';
import { unfinishedName } from './disks.js';
import { readDefined, readLive } from './domain-now.js';
import { elementXml } from './domain-xml.js';
import { disk as diskElement } from './domain-xml/disks.js';
import { fromFileSystem } from './file-failure.js';
import { isThere } from './instance-directory.js';
import { type DiskTools, makeDisks } from './make-disks.js';
import type { OwnDomain } from './own-domain.js';
import { type Device, isPlugged, isUnplugged, plug, unplug } from './plug.js';
import { isOff } from './power-state.js';

const attachedDiskName = (device: string): string => `disk-${device}.qcow2`;

const diskDevice = (device: string): Device => ({
  name: `disk ${device}`,
  find: (definition) => definition.devices('disk').find((found) => attribute(child(found, 'target'), 'dev') === device),
});

/** A file in the instance's directory, in the manifest before it is made, and then a device. One that was detached before comes back with its data. */
export function attachDisk(changing: Changing, request: AttachDiskRequest, tools: DiskTools): Promise<InstanceState> {
  const { id } = changing;
  const { device, disk } = request;
  return changing.run({
    name: 'attachDisk',
    spec: (before) => withDisk(before, device, disk),
    mustAct: ({ own }) => mustAct('attach', own.powerState, `attachDisk ${id}`),
    async isSoAlready({ own }) {
      await refuseTaken(changing, own, device);
      const isAttached = await isPlugged(changing, own, diskDevice(device));
      if (isAttached) await refuseOtherSize(fileOf(changing, device), request);
      return isAttached;
    },
    async takeAway({ journal: { attaching } }) {
      if (attaching.has(device)) await takeAway(changing, device);
    },
    act: async ({ own, journal: { attaching } }) => {
      const isAttached = await refuseTaken(changing, own, device);
      const file = fileOf(changing, device);
      if (isAttached) await refuseOtherSize(file, request);
      const isNew = !(await isThere(file));
      if (isNew && !attaching.has(device)) await changing.note({ entry: 'attaching', device });
      try {
        if (isNew) {
          const wish = { name: attachedDiskName(device), field: 'disk', disk };
          await changing.step('makeDisk', () => makeDisks(changing, `attachDisk ${id}`, [wish], request, tools));
        }
        await plug(changing, own, diskDevice(device), elementXml({ disk: diskElement(file, disk, device) }));
      } catch (error) {
        const isOurs = isNew || attaching.has(device); // made by this attempt, or by one that was cut off
        if (isOurs && isRefusal(error)) await takeAway(changing, device).catch(() => {}); // the refusal is the answer, whatever comes of this
        throw error;
      }
    },
  });
}

/** Only what was attached: the disks that the instance was made with are the wish. The file stays until it is told to go, or with the instance. */
export function detachDisk(changing: Changing, { device, remove, graceMs }: DetachDiskRequest): Promise<InstanceState> {
  const { id } = changing;
  return changing.run({
    name: 'detachDisk',
    spec: (before) => withoutDisk(before, device),
    mustAct: ({ own }) => mustAct('detach', own.powerState, `detachDisk ${id}`),
    async isSoAlready({ own }) {
      if (await refuseTaken(changing, own, device, 'precondition', NOT_ATTACHED)) return false;
      if (remove) await removed(changing, device); // for that it need not be resumed
      return true;
    },
    act: async ({ own }) => {
      await refuseTaken(changing, own, device, 'precondition', NOT_ATTACHED);
      await unplug(changing, own, diskDevice(device), graceMs);
      if (remove) await removed(changing, device);
    },
  });
}

const NOT_ATTACHED = 'only what was attached can be detached';

function removed(changing: Changing, device: string): Promise<void> {
  const what = `detachDisk ${changing.id}`;
  return changing.step('removeDisk', () => removeFile(fileOf(changing, device)).catch(fromFileSystem(what)));
}

const fileIn = (disk: Element): string | undefined => attribute(child(disk, 'source'), 'file');

function fileOf({ id, tools }: Changing, device: string): string {
  return `${tools.directories.of(id)}/${attachedDiskName(device)}`;
}

/**
 * Gives whether it is attached, to the guest or in its definition.
 * @throws ComputeError of this kind when the name belongs to another disk
 */
async function refuseTaken(
  changing: Changing,
  { domain, powerState }: OwnDomain,
  device: string,
  kind: ErrorKind = 'already-exists',
  way = 'use another name',
): Promise<boolean> {
  const file = fileOf(changing, device);
  const live = isOff(powerState) ? [] : [await readLive(changing, domain)];
  const elements = [...live, await readDefined(changing, domain)].map(diskDevice(device).find);
  const found = elements.filter((element) => element !== undefined);
  if (found.every((element) => fileIn(element) === file)) return found.length > 0;
  throw new ComputeError(kind, `disk.device: ${device} is a disk that the instance was made with, or somebody else's; ${way}`, {
    field: 'disk.device',
  });
}

/** Done is what was asked for: another size is another wish. @throws ComputeError already-exists */
async function refuseOtherSize(file: string, { device, disk: { sizeMiB } }: AttachDiskRequest): Promise<void> {
  const bytes = sizeMiB === undefined ? undefined : await virtualSizeOf(file);
  if (bytes === undefined || inMiB(bytes) === sizeMiB) return;
  const message = `disk.sizeMiB: ${device} is attached already, with ${inMiB(bytes)} MiB; instance.resize has it grow, or use another device`;
  throw new ComputeError('already-exists', message, { field: 'disk.sizeMiB' });
}

/** Nobody knows what became of an attachment that was not answered, and one that may still come is tried again. */
const OPEN: readonly ErrorKind[] = ['unavailable', 'timeout', 'cancelled', 'busy'];
const isRefusal = (error: unknown): boolean => error instanceof ComputeError && !OPEN.includes(error.kind);

/** A disk that nobody has is not kept, and its room is free again; where the guest or its definition has it after all, it is. */
async function takeAway(refused: Changing, device: string): Promise<void> {
  const changing = refused.afterwards();
  const own = await changing.look(`attach disk ${device} to ${changing.id}`);
  const file = fileOf(changing, device);
  const byFile: Device = { name: file, find: (definition) => definition.devices('disk').find((found) => fileIn(found) === file) };
  if (await isUnplugged(changing, own, byFile)) await removeFile(file);
}

async function removeFile(file: string): Promise<void> {
  for (const name of [file, unfinishedName(file)]) {
    await unlink(name).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
