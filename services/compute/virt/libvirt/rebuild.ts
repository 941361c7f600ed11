import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { withNewDisks } from '../../instances/spec-now.js';
import type { RebuildRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import type { Changing, Found } from './changing.js';
import { timeLeft } from './deadline.js';
import { child, type Definition, textOf } from './definition.js';
import { ownFile, virtualSize } from './disk-growth.js';
import { readDefined } from './domain-now.js';
import { fromFileSystem } from './file-failure.js';
import { isThere } from './instance-directory.js';
import { VIR_DOMAIN_START_AUTODESTROY } from './libvirt-calls.js';
import { type DiskTools, makeDisks } from './make-disks.js';
import { mustBoot } from './must-boot.js';
import type { OwnDomain } from './own-domain.js';
import { isOff } from './power-state.js';
import { makeSeed, SEED_ISO, seedManifest } from './seed.js';
import { startGuest } from './start.js';
import { dropMemory, powerOff } from './stop.js';
import { syncDirectory } from './sync-directory.js';

const NEW = 'new-';
/** Where a file lies until it takes the place of another. */
const newName = (name: string): string => `${NEW}${name}`;

interface Swap {
  /** The guest comes back afterwards. */
  readonly running: boolean;
  /** Names of the files that get another content. */
  readonly files: readonly string[];
}

/**
 * The same instance with other disks. They are made beside those that it has while its guest runs on, noted, and take their places by name once it is
 * off; so an attempt that was cut off leaves the old disks, or files from which the next attempt goes on. The definition is not touched.
 */
export function rebuild(changing: Changing, request: RebuildRequest, tools: DiskTools): Promise<InstanceState> {
  const { id } = changing;
  return changing.run({
    name: 'rebuild',
    spec: (before) => withNewDisks(before, request),
    mustAct: ({ own, journal }) => journal.rebuilding?.key === request.key || mustAct('rebuild', own.powerState, `rebuild ${id}`),
    async takeAway({ journal }) {
      if (!journal.rebuilding) await removeNew(changing.tools.directories.of(id));
    },
    act: (found) => new Rebuilding(changing, request, tools).run(found),
  });
}

class Rebuilding {
  private readonly what: string;
  private readonly directory: string;

  constructor(
    private readonly changing: Changing,
    private readonly request: RebuildRequest,
    private readonly tools: DiskTools,
  ) {
    this.what = `rebuild ${changing.id}`;
    this.directory = changing.tools.directories.of(changing.id);
  }

  async run({ own, journal: { rebuilding, desired } }: Found): Promise<void> {
    const { changing, request, what } = this;
    const isMine = rebuilding?.key === request.key;
    if (rebuilding && !isMine) await changing.note({ ...rebuilding, files: [] }); // its disks are not kept: it makes them again
    const swap = isMine ? rebuilding : await this.prepare(own);
    if (await this.isToDo(swap)) {
      const now = await changing.look(what);
      const defined = await readDefined(changing, now.domain);
      if (swap.running && !isOff(now.powerState)) await mustBoot(changing, defined, what, (file) => this.fileThen(file));
      await dropMemory(changing, now); // saved as the host went down: it belongs to the old disks
      if (!isOff(now.powerState)) await powerOff(changing, now, request.graceMs);
      await changing.step('swapDisks', () => this.swap(swap).catch(fromFileSystem(what)));
    }
    const { domain, powerState } = await changing.look(what);
    if (swap.running && isOff(powerState)) await startGuest(changing, domain, desired.autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0);
  }

  /** Everything that can be refused comes before the guest goes off. */
  private async prepare(own: OwnDomain): Promise<Swap> {
    const files = await this.makeFiles(own).catch(async (error: unknown) => {
      await removeNew(this.directory).catch(() => {});
      throw error;
    });
    const swap = { running: own.powerState === 'running', files };
    await this.changing.note({ entry: 'rebuilding', key: this.request.key, ...swap });
    return swap;
  }

  /** Gives the names of those whose places they are to take. */
  private async makeFiles(own: OwnDomain): Promise<string[]> {
    const { changing, request, what } = this;
    const defined = await readDefined(changing, own.domain);
    if (request.seed && !(await isThere(path.join(this.directory, SEED_ISO)))) {
      const message = `${what}: the instance was made without a seed; leave seed out, or destroy it and spawn it anew`;
      throw new ComputeError('precondition', message, { field: 'seed' });
    }
    const names = [...this.names(defined), ...(request.seed ? [SEED_ISO] : [])];
    const remains = (file: string) => Promise.resolve(names.includes(path.basename(file)) ? null : file);
    if (own.powerState === 'running') await mustBoot(changing, defined, what, remains);
    await changing.step('makeDisk', async () => {
      await this.makeDisks(defined);
      await this.makeSeed(own, defined);
    });
    return names;
  }

  private names(defined: Definition): string[] {
    return this.request.disks.map(({ device }, index) => path.basename(ownFile(defined, this.directory, device, `disks[${index}].device`)));
  }

  private async makeDisks(defined: Definition): Promise<void> {
    const { changing, request, what } = this;
    const wishes = [];
    for (const [index, name] of this.names(defined).entries()) {
      const { device: _device, ...disk } = request.disks[index] ?? {};
      const replaces = await virtualSize(path.join(this.directory, name));
      wishes.push({ name: newName(name), field: `disks[${index}]`, disk, replaces });
    }
    await makeDisks(changing, what, wishes, request, this.tools);
  }

  private async makeSeed({ marks }: OwnDomain, defined: Definition): Promise<void> {
    const { changing, request, what, directory } = this;
    if (!request.seed) return;
    const wish = { id: changing.id, name: textOf(child(defined.root, 'title')), seed: request.seed, metadata: marks.metadata };
    const name = newName(SEED_ISO);
    await changing.note({ entry: 'files', files: seedManifest(wish, name) });
    const make = async () => {
      await rm(path.join(directory, name), { force: true }); // of an attempt with another seed
      await makeSeed(directory, wish, timeLeft(changing.deadline, what), request.signal, name);
      await syncDirectory(directory);
    };
    await make().catch(fromFileSystem(what));
  }

  /** Which file will be in the place of one once they are swapped. */
  private async fileThen(file: string): Promise<string> {
    const fresh = path.join(this.directory, newName(path.basename(file)));
    return (await isThere(fresh)) ? fresh : file;
  }

  private async isToDo({ files }: Swap): Promise<boolean> {
    const there = await Promise.all(files.map((name) => isThere(path.join(this.directory, newName(name)))));
    return there.includes(true);
  }

  /** What an attempt before this one has moved already is not there any more. */
  private async swap({ files }: Swap): Promise<void> {
    for (const name of files) {
      await rename(path.join(this.directory, newName(name)), path.join(this.directory, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    await syncDirectory(this.directory);
  }
}

/** What was made for a rebuild that is not noted: nobody goes on from it. */
async function removeNew(directory: string): Promise<void> {
  for (const name of await readdir(directory)) if (name.startsWith(NEW)) await rm(path.join(directory, name), { force: true });
}
