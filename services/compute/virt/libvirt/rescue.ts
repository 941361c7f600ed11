import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import type { InstanceState } from '../../../common/messages/results.js';
import type { RescueRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import { type Changing, type Found, rescued as isRescued } from './changing.js';
import { Definition } from './definition.js';
import { unfinishedName } from './disks.js';
import { define, readDefined, readLive } from './domain-now.js';
import { fromFileSystem } from './file-failure.js';
import type { JournalState } from './journal.js';
import { VIR_DOMAIN_START_AUTODESTROY } from './libvirt-calls.js';
import { type DiskTools, makeDisks } from './make-disks.js';
import type { OwnDomain } from './own-domain.js';
import { isOff } from './power-state.js';
import { bootFrom, hasDisk, takeMetadata } from './rescue-definition.js';
import { mustBoot } from './must-boot.js';
import { startGuest } from './start.js';
import { dropMemory, powerOff } from './stop.js';
import { stored } from './stored.js';
import { syncDirectory } from './sync-directory.js';

/** Counted among the instance's disks, as what it is. */
const RESCUE_DISK = 'disk-rescue.qcow2';
/** The definition that an unrescue brings back. */
const FORMER_DEFINITION = 'before-rescue.xml';
const SECRET = 0o600;

/**
 * The guest boots from a disk made for it, with its own disks behind that. What it was is in a file before anything is changed; the journal says from
 * then on, over restarts, that it is rescued.
 */
export function rescue(changing: Changing, request: RescueRequest, tools: DiskTools): Promise<InstanceState> {
  const what = `rescue ${changing.id}`;
  return changing.run({
    name: 'rescue',
    whileRescued: true,
    mustAct({ own, journal: { rescued } }) {
      if (rescued && rescued.key !== request.key) throw isRescued(what);
      return rescued !== null || mustAct('rescue', own.powerState, what);
    },
    async takeAway({ journal }) {
      if (!journal.rescued) await removeFiles(changing.tools.directories.of(changing.id));
    },
    act: (found) => new Rescuing(changing, what, request.graceMs).rescue(found, request, tools),
    leadsTo: ['running'],
  });
}

export function unrescue(changing: Changing, { key, graceMs }: { readonly key: string; readonly graceMs: number }): Promise<InstanceState> {
  const what = `unrescue ${changing.id}`;
  return changing.run({
    name: 'unrescue',
    whileRescued: true,
    mustAct: ({ own, journal: { rescued } }) => rescued !== null && mustAct('unrescue', own.powerState, what),
    async act({ own, journal }) {
      const rescuing = new Rescuing(changing, what, graceMs);
      await rescuing.mustComeBack(own, journal);
      await rescuing.back(key, journal);
    },
  });
}

class Rescuing {
  private readonly directory: string;
  private readonly disk: string;
  /** Something of the guest may have been changed. */
  private touched = false;

  constructor(
    private readonly changing: Changing,
    private readonly what: string,
    private readonly graceMs: number,
  ) {
    this.directory = changing.tools.directories.of(changing.id);
    this.disk = path.join(this.directory, RESCUE_DISK);
  }

  async rescue({ own, journal }: Found, request: RescueRequest, tools: DiskTools): Promise<void> {
    if (!journal.rescued) {
      await this.prepare(own, request, tools).catch(async (error: unknown) => {
        await removeFiles(this.directory).catch(() => {});
        throw error;
      });
    }
    try {
      await this.bootRescue(own, journal);
    } catch (error) {
      if (!journal.rescued && !this.touched) {
        await this.forget(request.key, journal).catch(() => {}); // else it is noted, and the next rescue or unrescue goes on from there
        throw error;
      }
      if (!(error instanceof ComputeError) || !REFUSED.has(error.kind)) throw error;
      const former = journal.rescued?.former ?? formerOf(own);
      await this.back(request.key, { ...journal, rescued: { entry: 'rescued', key: request.key, former } });
      throw new ComputeError(error.kind, `${error.message}; the instance is again as it was`, error.details, { cause: error });
    }
  }

  private async prepare(own: OwnDomain, { key, image, imageFormat, signal, onProgress }: RescueRequest, tools: DiskTools): Promise<void> {
    const { changing, what, directory } = this;
    const wish = { name: RESCUE_DISK, field: 'disk', disk: { image, imageFormat } };
    await changing.step('makeDisk', () =>
      makeDisks(changing, what, [wish], { signal, onProgress }, tools).catch((error: unknown) => {
        throw withoutDisk(error);
      }),
    );
    const former = (await readDefined(changing, own.domain)).toString();
    await changing.note({ entry: 'files', files: [FORMER_DEFINITION] });
    await write(directory, former).catch(fromFileSystem(what));
    await changing.note({ entry: 'rescued', key, former: formerOf(own) });
  }

  /** Of a rescue that has changed nothing of the guest. */
  private async forget(key: string, { desired }: JournalState): Promise<void> {
    await this.changing.note({ entry: 'unrescued', key, desired }); // first: whoever comes after a death in between begins anew, and not without a disk
    await removeFiles(this.directory);
  }

  private async bootRescue(own: OwnDomain, { desired }: JournalState): Promise<void> {
    const { changing, what } = this;
    const defined = await readDefined(changing, own.domain);
    if (!hasDisk(defined, this.disk)) {
      bootFrom(defined, this.disk);
      await changing.step('redefine', () => {
        this.touched = true;
        return define(changing, defined.toString());
      });
    }
    await dropMemory(changing, own); // saved as the host went down, with the definition of then
    if (await this.boots(own, false)) await powerOff(changing, own, this.graceMs);
    const { domain, powerState } = await changing.look(what);
    if (isOff(powerState)) await startGuest(changing, domain, desired.autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0);
  }

  /** Looks whether it can boot from its own disks again, before anything is undone. */
  async mustComeBack({ domain }: OwnDomain, { rescued }: JournalState): Promise<void> {
    if (rescued?.former === 'shutdown') return;
    const { changing, what } = this;
    const defined = await readDefined(changing, domain);
    await mustBoot(changing, hasDisk(defined, this.disk) ? await this.readFormer() : defined, what);
  }

  private async readFormer(): Promise<Definition> {
    const { directory, what } = this;
    return new Definition(await readFile(path.join(directory, FORMER_DEFINITION), 'utf8').catch(fromFileSystem(what)));
  }

  /**
   * From the guest over the definition to the files, so that one that does not go off stays in its rescue: each look tells what an attempt that
   * was cut off has done already.
   */
  async back(key: string, { rescued, desired }: JournalState): Promise<void> {
    const { changing, what, directory } = this;
    const own = await changing.look(what);
    await dropMemory(changing, own);
    if (await this.boots(own, true)) await powerOff(changing, own, this.graceMs);
    const defined = await readDefined(changing, own.domain);
    if (hasDisk(defined, this.disk)) {
      const former = await this.readFormer();
      takeMetadata(former, defined);
      await changing.step('redefine', () => define(changing, former.toString()));
    }
    const powerState = rescued?.former ?? 'running';
    const now = await changing.look(what);
    if (powerState === 'running' && isOff(now.powerState)) {
      await rm(this.disk, { force: true }).catch(fromFileSystem(what)); // what the rescue stood on need not be there any more
      await startGuest(changing, now.domain, desired.autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0);
    }
    await changing.step('removeDisk', () => removeFiles(directory).catch(fromFileSystem(what)));
    await changing.note({ entry: 'unrescued', key, desired: { ...desired, powerState } });
  }

  /** Whether a guest runs that has, or has not, the rescue disk. */
  private async boots({ domain, powerState }: OwnDomain, fromRescue: boolean): Promise<boolean> {
    return !isOff(powerState) && hasDisk(await readLive(this.changing, domain), this.disk) === fromRescue;
  }
}

/** It will not be done a moment later either, as opposed to: not now. */
const REFUSED: ReadonlySet<string> = new Set(['invalid', 'unsupported', 'precondition', 'internal', 'exhausted']);

const formerOf = ({ powerState }: OwnDomain) => (isOff(powerState) ? 'shutdown' : 'running');

/** The message names its image by itself. */
function withoutDisk(error: unknown): unknown {
  if (!(error instanceof ComputeError) || error.details.field === undefined) return error;
  const renamed = (text: string) => text.replaceAll('disk.image', 'image');
  return new ComputeError(error.kind, renamed(error.message), { ...error.details, field: renamed(error.details.field) }, { cause: error });
}

async function write(directory: string, xml: string): Promise<void> {
  const file = path.join(directory, FORMER_DEFINITION);
  await rm(unfinishedName(file), { force: true });
  await writeFile(unfinishedName(file), xml, { mode: SECRET, flag: 'wx' });
  await stored(unfinishedName(file));
  await rename(unfinishedName(file), file);
  await syncDirectory(directory);
}

async function removeFiles(directory: string): Promise<void> {
  for (const name of [RESCUE_DISK, unfinishedName(FORMER_DEFINITION), FORMER_DEFINITION])
    await rm(path.join(directory, name), { force: true });
}
