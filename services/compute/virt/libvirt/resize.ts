import { ComputeError } from '../../../common/errors.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { withSizes } from '../../instances/spec-now.js';
import type { ResizeRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { inMiB } from './claims/disk-sizes.js';
import { timeLeft } from './deadline.js';
import type { Definition } from './definition.js';
import { define, readDefined, readLive } from './domain-now.js';
import { type DiskGrowth, growFile, growthsOf } from './disk-growth.js';
import {
  type Domain,
  VIR_DOMAIN_AFFECT_CONFIG,
  VIR_DOMAIN_AFFECT_LIVE,
  VIR_DOMAIN_BLOCK_RESIZE_BYTES,
  VIR_DOMAIN_START_AUTODESTROY,
} from './libvirt-calls.js';
import { readSpec } from './metadata.js';
import { mustBoot } from './must-boot.js';
import type { OwnDomain } from './own-domain.js';
import { isOff } from './power-state.js';
import { hasSizes, setSizes, type Sizes, sizesOf } from './sizes.js';
import { startGuest } from './start.js';
import { powerOff } from './stop.js';

const KIB_OF_MIB = 1024;

/**
 * Other sizes, as absolute targets: what is so already is not done again. A guest that runs gets them as it runs where libvirt can; else the
 * definition is changed first, which libvirt may still refuse without any harm, and then the guest goes off and comes back with it. Noted before it
 * goes off, so that an attempt that was cut off leaves nobody off.
 */
export function resize(changing: Changing, request: ResizeRequest): Promise<InstanceState> {
  const { id } = changing;
  return changing.run({
    name: 'resize',
    spec: (before) => withSizes(before, request),
    mustAct: ({ own }) => mustAct('resize', own.powerState, `resize ${id}`),
    act: ({ own, journal: { resizing, desired } }) =>
      new Resizing(changing, request, desired.autodestroy).run(own, resizing?.key === request.key),
  });
}

type WayBack = () => Promise<unknown>;

class Resizing {
  private readonly what: string;

  constructor(
    private readonly changing: Changing,
    private readonly request: ResizeRequest,
    private readonly autodestroy: boolean,
  ) {
    this.what = `resize ${changing.id}`;
  }

  /** @param comingBack an attempt before this one has switched the guest off, or was about to */
  async run(own: OwnDomain, comingBack: boolean): Promise<void> {
    const defined = await readDefined(this.changing, own.domain);
    await this.claim(own, defined);
    if (!isOff(own.powerState)) {
      if (await this.live(own, defined)) return;
      await this.cold(own, defined);
    } else {
      const growths = await this.growths(defined);
      await this.redefine(own, defined);
      await this.growFiles(growths);
      if (comingBack) await this.start();
    }
  }

  /** What it is to have besides is there before anything is done. */
  private async claim({ domain, powerState }: OwnDomain, defined: Definition): Promise<void> {
    const { changing, request } = this;
    const { claims } = changing.tools;
    if (!claims) return;
    const has = sizesOf(isOff(powerState) ? defined : await readLive(changing, domain)); // a guest may take back all up to its maximum
    const growths = await this.growths(defined);
    await claims.grow(
      changing.id,
      {
        vcpus: request.vcpus === undefined ? 0 : Math.max(0, request.vcpus - has.maximumVcpus),
        memoryMiB: request.memoryMiB === undefined ? 0 : Math.max(0, request.memoryMiB - Math.floor(has.maximumMemoryKiB / KIB_OF_MIB)),
        diskMiB: growths.reduce((sum, { bytes, from }) => sum + inMiB(bytes) - inMiB(from), 0),
      },
      changing.deadline,
      { what: this.what, fields: { vcpus: 'vcpus', memory: 'memoryMiB', hugepages: 'memoryMiB', disk: 'disks' } },
    );
  }

  /** true: the guest has what is wanted, now and at its next start. */
  private async live({ domain, powerState }: OwnDomain, defined: Definition): Promise<boolean> {
    const { mode } = this.request;
    const now = sizesOf(await readLive(this.changing, domain));
    const growths = await this.growths(defined);
    if (hasSizes(now, this.request) && hasSizes(sizesOf(defined), this.request) && growths.length === 0) return true;
    if (mode === 'cold') return false;
    const beyond = beyondMaximum(now, this.request);
    const waysBack: WayBack[] = [];
    try {
      if (beyond) throw new ComputeError('precondition', `${this.what}: ${beyond}`);
      await this.changing.step('resizeLive', () => this.setLive(domain, now, sizesOf(defined), growths, waysBack));
    } catch (error) {
      if (!(error instanceof ComputeError) || !REFUSED.has(error.kind)) throw error;
      // A guest that stops for it instead comes back with all of it.
      if (mode === 'live' || powerState !== 'running') await this.setBack(waysBack, error);
      if (mode === 'auto') return false;
      throw new ComputeError('precondition', `${error.message}; mode cold or auto stops the guest for it`, error.details, { cause: error });
    }
    return true;
  }

  /** @param waysBack gets what takes back each change that was made, as long as it can be taken back: a disk does not shrink */
  private async setLive(domain: Domain, now: Sizes, defined: Sizes, growths: readonly DiskGrowth[], waysBack: WayBack[]): Promise<void> {
    const { vcpus, memoryMiB } = this.request;
    const flags = VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG;
    const setVcpus = (count: number, where: number) => this.call('virDomainSetVcpusFlags', () => domain.setVcpusFlags(count, where));
    const setMemory = (kib: number, where: number) => this.call('virDomainSetMemoryFlags', () => domain.setMemoryFlags(kib, where));
    if (vcpus !== undefined && (now.vcpus !== vcpus || defined.vcpus !== vcpus)) {
      await setVcpus(vcpus, flags);
      waysBack.push(() => setVcpus(now.vcpus, VIR_DOMAIN_AFFECT_LIVE));
      waysBack.push(() => setVcpus(defined.vcpus, VIR_DOMAIN_AFFECT_CONFIG));
    }
    const kib = memoryMiB === undefined ? undefined : memoryMiB * KIB_OF_MIB;
    if (kib !== undefined && (now.memoryKiB !== kib || defined.memoryKiB !== kib)) {
      await setMemory(kib, flags);
      waysBack.push(() => setMemory(now.memoryKiB, VIR_DOMAIN_AFFECT_LIVE));
      waysBack.push(() => setMemory(defined.memoryKiB, VIR_DOMAIN_AFFECT_CONFIG));
    }
    for (const { device, bytes } of growths) {
      await this.call('virDomainBlockResize', () => domain.blockResize(device, bytes, VIR_DOMAIN_BLOCK_RESIZE_BYTES));
    }
  }

  /** What is refused leaves the sizes as they were. */
  private async setBack(waysBack: readonly WayBack[], refusal: ComputeError): Promise<void> {
    try {
      for (const wayBack of waysBack) await wayBack();
    } catch (error) {
      if (!(error instanceof ComputeError) || !REFUSED.has(error.kind)) throw error;
      const words = `${refusal.message}; processors or memory were changed before that, and could not be set back: ${error.message}`;
      throw new ComputeError('precondition', words, refusal.details, { cause: error });
    }
  }

  /** Everything that can be refused comes before the guest goes off. */
  private async cold(own: OwnDomain, defined: Definition): Promise<void> {
    const { changing, request } = this;
    if (own.powerState !== 'running') {
      const { vcpus, memoryMiB } = request;
      // An attempt that was cut off came so far.
      const isDefined = (vcpus ?? memoryMiB) !== undefined && hasSizes(sizesOf(defined), request);
      const already = isDefined ? '; its definition has these processors and memory already, from its next start on' : '';
      const words = `${this.what}: the instance is ${own.powerState}, and this needs it to stop; unpause or stop it first${already}`;
      throw new ComputeError('precondition', words);
    }
    const before = defined.toString();
    const growths = await this.growths(defined);
    await mustBoot(changing, defined, this.what);
    await changing.note({ entry: 'resizing', key: request.key });
    await this.redefine(own, defined);
    await powerOff(changing, own, request.graceMs);
    await this.growFiles(growths);
    await this.start().catch((error: unknown) => this.asItWas(before, error));
  }

  private async redefine({ element }: OwnDomain, defined: Definition): Promise<void> {
    const { maxVcpus = 0 } = readSpec(element) ?? {};
    const { vcpus, maximumVcpus, memoryKiB, maximumMemoryKiB } = sizesOf(defined);
    const asWanted = hasSizes({ vcpus, maximumVcpus, memoryKiB, maximumMemoryKiB }, this.request);
    if (asWanted && maximumVcpus === Math.max(vcpus, maxVcpus) && memoryKiB === maximumMemoryKiB) return;
    setSizes(defined, this.request, maxVcpus);
    await this.changing.step('redefine', () => define(this.changing, defined.toString()));
  }

  private async growFiles(growths: readonly DiskGrowth[]): Promise<void> {
    if (growths.length === 0) return;
    await this.changing.step('growDisks', async () => {
      for (const growth of growths) await growFile(growth, timeLeft(this.changing.deadline, this.what));
    });
  }

  private async start(): Promise<void> {
    const { domain } = await this.changing.look(this.what);
    await startGuest(this.changing, domain, this.autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0);
  }

  /** A host without room for the new sizes had room for the old ones. */
  private async asItWas(before: string, error: unknown): Promise<never> {
    if (!(error instanceof ComputeError) || !(REFUSED.has(error.kind) || error.kind === 'exhausted')) throw error;
    await define(this.changing, before);
    await this.start();
    throw new ComputeError(error.kind, `${error.message}; the guest runs again with the sizes that it had`, error.details, {
      cause: error,
    });
  }

  private growths(defined: Definition): Promise<DiskGrowth[]> {
    const directory = this.changing.tools.directories.of(this.changing.id);
    return growthsOf(defined, directory, this.request.disks);
  }

  private call<T>(fn: string, run: () => Promise<T>): Promise<T> {
    return this.changing.tools.link.call(fn, this.what, run, this.changing.deadline);
  }
}

/** It cannot be done as the guest runs, as opposed to: not now. */
const REFUSED: ReadonlySet<string> = new Set(['invalid', 'unsupported', 'precondition', 'internal']);

function beyondMaximum(now: Sizes, { vcpus, memoryMiB }: ResizeRequest): string | null {
  if (vcpus !== undefined && vcpus > now.maximumVcpus) return `the guest was started with room for ${now.maximumVcpus} vcpus`;
  if (memoryMiB === undefined || memoryMiB * KIB_OF_MIB <= now.maximumMemoryKiB) return null;
  return `the guest was started with room for ${Math.floor(now.maximumMemoryKiB / KIB_OF_MIB)} MiB of memory`;
}
