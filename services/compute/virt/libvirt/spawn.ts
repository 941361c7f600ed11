import { ComputeError, asComputeError } from '../../../common/errors.js';
import { againAfter } from '../../../common/messages/commands.js';
import type { PowerState } from '../../../common/messages/power-state.js';
import type { InstanceState } from '../../../common/messages/results.js';
import type { SpawnPlan } from '../../../common/messages/spawn-plan.js';
import type { Claims } from './claims/claims.js';
import { plannedDisk, plannedMiB, withoutFetching } from './claims/planned-disks.js';
import type { DiskImage } from '../../../common/messages/images.js';
import type { DiskImages } from '../../images/disk-images.js';
import type { InstanceBases } from '../../images/instance-bases.js';
import type { Abandoned, SpawnRequest, SpawnStep, StepListener } from '../../ports.js';
import type { Checkpoint } from './checkpoint.js';
import { timeLeft, untilDeadline } from './deadline.js';
import { type DiskPlan, type DisksPlan, makeDisk, planDisks } from './disks.js';
import { domainName, domainXml, type VirtType } from './domain-xml.js';
import type { DomainPlan } from './domain-xml/plan.js';
import { fromFileSystem } from './file-failure.js';
import type { FreshQcow2Files } from './fresh-qcow2.js';
import type { HostOffers } from './host/host-offers.js';
import { namedInterfaces, withGrant } from './host/network-rights.js';
import type { ImagePaths } from './image-paths.js';
import { CONSOLE_LOG, type InstanceDirectories, isThere } from './instance-directory.js';
import { appendJournal, type JournalState } from './journal.js';
import * as virDomain from './libvirt-calls.js';
import type { Domain } from './libvirt-calls.js';
import { libvirtCode, VIR_ERR_DOM_EXIST, VIR_ERR_OPERATION_FAILED, VIR_ERR_OPERATION_INVALID } from './libvirt-failure.js';
import type { LifecycleEvents } from './lifecycle-events.js';
import type { Link } from './link.js';
import type { FoundMarks } from './metadata.js';
import { type Holder, lookUp, type OwnDomain, readPowerState, readPowerStateNow } from './own-domain.js';
import { makeConsoleLog } from './console-log.js';
import { makeSeed, SEED_ISO, seedManifest } from './seed.js';
import { isOff } from './power-state.js';
import { createDomain, startFlags, whenStarted } from './start-domain.js';
import { stopDomain, undefineDomain } from './stop-domain.js';
import { syncDirectory } from './sync-directory.js';
import { timed } from './timed.js';
import { Undo } from './undo.js';
import { refuseOtherWish } from '../../other-wish.js';
import { settledWhileWanted, whileWanted } from '../../wanted.js';

export interface SpawnTools {
  readonly link: Link;
  readonly events: LifecycleEvents;
  readonly directories: InstanceDirectories;
  readonly paths: ImagePaths;
  readonly images: DiskImages;
  readonly bases: InstanceBases;
  readonly fresh: FreshQcow2Files;
  readonly virtType: VirtType;
  /** Written into the domain's marks. */
  readonly host?: string;
  readonly offers: HostOffers;
  readonly vncListen?: string;
  /** Absent: nobody counts what guests take of the host. */
  readonly claims?: Claims;
  /** What failed attempts of this process could not take away; the next attempt for the same spec owns it. */
  readonly unfinished: Map<string, { readonly specHash: string; readonly undo: Undo }>;
  readonly checkpoint?: Checkpoint;
}

interface Planned extends DisksPlan {
  /** What its domain depends on besides. */
  readonly guest: Pick<DomainPlan, 'hyperv' | 'kernelFile' | 'initrdFile'>;
}

/** Time for taking away what a failed attempt made, whatever its own deadline: nothing half made may stay for want of a second. */
const UNDO_MS = 15_000;

/** How each step ends when it is called off: at once, after a moment for libvirt, or by itself because it heeds the signal. */
const STOPPING: Readonly<Record<SpawnStep, typeof whileWanted>> = {
  images: whileWanted,
  disks: (signal, run) => (signal?.throwIfAborted(), run()),
  define: settledWhileWanted,
  start: settledWhileWanted,
  started: whileWanted,
};

/** One attempt to take an instance from whatever there is to committed; or, when nobody wants it any more, back to nothing. */
export class SpawnAttempt {
  private readonly id: string;
  private readonly directory: string;
  private readonly undo: Undo;
  /** What was fetched for its disks. */
  private images: readonly DiskImage[] = [];

  constructor(
    private readonly request: SpawnRequest,
    private readonly tools: SpawnTools,
    private readonly onStep: StepListener,
  ) {
    this.id = request.spec.id;
    this.directory = tools.directories.of(this.id);
    const earlier = tools.unfinished.get(this.id);
    this.undo = earlier?.specHash === request.specHash ? earlier.undo : new Undo();
  }

  async run(): Promise<InstanceState> {
    const [holder, journal] = await this.look();
    this.refuseOthers(holder, journal);
    this.images = journal.begun?.images ?? [];
    const own = holder === 'foreign' ? null : holder;
    if (journal.committed) return this.report(own, journal);
    try {
      const powerState = await this.resume(own, journal);
      this.tools.unfinished.delete(this.id);
      return this.state(powerState, own?.marks.generation);
    } catch (error) {
      throw await this.failed(error);
    }
  }

  /** When it cannot even look, or not in time, there may be what an earlier attempt could not take away: this may be the last one. */
  private async look(): Promise<[Holder, JournalState]> {
    try {
      timeLeft(this.request.deadline, `spawn ${this.id}`);
      return await Promise.all([this.lookUp(), this.journal()]);
    } catch (error) {
      throw await this.failed(error);
    }
  }

  /**
   * Takes away only what is surely of this wish and not committed. A domain without a beginning in a journal is not: the journal is
   * there before the domain, so somebody took it away since, and who knows how long the guest runs.
   */
  async abandon(): Promise<Abandoned> {
    const { link } = this.tools;
    const { specHash, generation, deadline } = this.request;
    const [holder, journal] = await Promise.all([lookUp(link, this.id, deadline, readPowerStateNow), this.journal()]);
    const nothing = { cleanedUp: [], leftovers: [] };
    const isThisWish = (marks: Pick<FoundMarks, 'specHash' | 'generation'>) =>
      marks.specHash === specHash && marks.generation === generation;
    if (holder === 'foreign' || (holder && !isThisWish(holder.marks))) return nothing;
    if (journal.begun && !isThisWish(journal.begun)) return nothing;
    if (journal.committed) return { instance: this.report(holder, journal), ...nothing };
    if (journal.begun) {
      this.undo.add('files', () => this.removeFiles());
      this.undo.add('domain', () => this.removeDomain());
      this.undo.add('guest', () => this.stopGuest());
    } else if (!holder) {
      this.undo.add('files', () => this.tools.directories.removeBare(this.id).catch(fromFileSystem(`undo ${this.id}`)));
    }
    return this.takeAway();
  }

  /** What `run` would do: the same errors up to the definition, and nothing made, claimed or fetched. */
  async preview(): Promise<SpawnPlan> {
    const { claims, offers, link } = this.tools;
    const { deadline } = this.request;
    timeLeft(deadline, `spawn ${this.id}`);
    const [holder, journal] = await Promise.all([this.lookUp(), this.journal()]);
    this.refuseOthers(holder, journal);
    const own = holder === 'foreign' ? null : holder;
    if (journal.committed) this.report(own, journal);
    const spec = withoutFetching(this.request.spec);
    const fit = await offers.fit(this.request.spec, link, deadline);
    const files = await this.files(spec);
    files.release();
    const plan = { ...files, guest: { ...fit, ...files.guest } };
    const claim = (await claims?.look(spec, plannedMiB(spec, plan.disks), deadline)) ?? [];
    return {
      fits: claim.every(({ fits }) => fits),
      exists: own !== null || journal.begun !== null,
      claim,
      disks: plan.disks.map((disk, index) => plannedDisk(disk, this.request.spec.disks?.[index])),
      domainXml: this.xml(plan, await claims?.sharedCpus(spec, deadline)),
    };
  }

  /** What a copy of a spawn that came to its end is told: the guest as it stands. A guest that is gone stays gone. */
  private report(own: OwnDomain | null, { begun }: JournalState): InstanceState {
    if (own) return this.state(own.powerState, own.marks.generation);
    const way = `destroy the instance; ${againAfter(begun?.generation ?? this.request.generation)}`;
    throw new ComputeError('precondition', `spawn ${this.id}: its domain was taken away outside of novalet; ${way}`);
  }

  /** From the first step whose artefact is missing. */
  private async resume(own: OwnDomain | null, journal: JournalState): Promise<PowerState> {
    if (own && !isOff(own.powerState)) return this.settle(own);
    let domain = own?.domain;
    if (domain) {
      await this.tools.bases.check(this.directory, `spawn ${this.id}`, this.request);
      return this.startAndCommit(domain);
    }
    const plan = await this.step('images', () => this.plan());
    try {
      await this.step('disks', () => this.makeFiles(plan, journal).catch(fromFileSystem(`spawn ${this.id}`)));
    } finally {
      plan.release();
    }
    domain = await this.step('define', () => this.define(plan));
    return this.startAndCommit(domain);
  }

  /** What the host cannot give is refused before anything is fetched. */
  private async plan(): Promise<Planned> {
    const { spec, deadline } = this.request;
    const { claims, offers, link } = this.tools;
    const fit = await offers.fit(spec, link, deadline);
    const least = plannedMiB(spec, []);
    await claims?.take(spec, least, deadline); // what is known before any image is looked at
    const files = await this.files(spec);
    try {
      const whole = plannedMiB(spec, files.disks);
      if (whole !== least) await claims?.take(spec, whole, deadline);
    } catch (error) {
      files.release();
      throw error;
    }
    return { ...files, guest: { ...fit, ...files.guest } };
  }

  private async files(spec: SpawnRequest['spec']): Promise<Planned> {
    const { deadline, onProgress } = this.request;
    const { paths, images } = this.tools;
    const optional = (named: string | undefined, field: string) => (named === undefined ? undefined : paths.resolve(named, field));
    const [kernelFile, initrdFile] = await Promise.all([
      optional(spec.kernel, 'instance.kernel'),
      optional(spec.initrd, 'instance.initrd'),
    ]);
    const late = () => new ComputeError('timeout', `spawn ${this.id}: the deadline came before its images; what was fetched is kept`);
    const { signal, end } = untilDeadline(deadline, this.request.signal, late);
    try {
      const disks = await planDisks(spec, images, { signal, onProgress });
      if (signal.aborted) disks.release(); // nobody may be left who would
      signal.throwIfAborted();
      const guest = { ...(kernelFile !== undefined && { kernelFile }), ...(initrdFile !== undefined && { initrdFile }) };
      return { ...disks, guest };
    } finally {
      end();
    }
  }

  /** Directory, manifest, disks; what is complete from an earlier attempt stays as it is. */
  private async makeFiles({ disks, images }: DisksPlan, journal: JournalState): Promise<void> {
    const { directories } = this.tools;
    const made = await directories.make(this.id);
    // Without a domain nobody ever ran on the files of an attempt that was cut off: they are as good as made by this one.
    if (made || !journal.committed) this.undo.add('files', () => this.removeFiles());
    const changed = new Set(images.filter((image) => !this.images.some((earlier) => isSame(earlier, image))).map(({ disk }) => disk));
    this.images = images;
    const begun = journal.begun && changed.size === 0 ? undefined : await this.begin(disks);
    await this.tools.checkpoint?.('begun', this.id);
    const timeout = timeLeft(this.request.deadline, `spawn ${this.id}`);
    const works: Promise<unknown>[] = [
      makeConsoleLog(`${this.directory}/${CONSOLE_LOG}`),
      makeSeed(this.directory, this.request.spec, timeout, this.request.signal),
      ...disks.map(async (disk, index) => {
        const there = !changed.has(index) && (await isThere(`${this.directory}/${disk.name}`));
        if (!there) await makeDisk(this.directory, disk, this.tools.fresh, timeout, this.request.signal);
        await this.tools.checkpoint?.('disk', this.id);
      }),
      begun?.stored ?? Promise.resolve(),
    ];
    await Promise.allSettled(works); // nothing is written any more when one has failed and all is taken away
    await Promise.all(works);
    await syncDirectory(this.directory);
  }

  /** The manifest is in the file before anything that it lists is made. */
  private begin(disks: readonly DiskPlan[]) {
    const { specHash, generation, requestId } = this.request;
    const files = [...disks.map((disk) => disk.name), ...seedManifest(this.request.spec), CONSOLE_LOG];
    const images = this.images.length > 0 ? { images: [...this.images] } : {};
    return appendJournal(this.directory, { entry: 'begun', specHash, generation, requestId, files, ...images });
  }

  private xml({ disks, guest }: Planned, sharedCpus: readonly number[] | undefined): string {
    const { virtType, vncListen, host } = this.tools;
    const diskFiles = disks.map((disk) => `${this.directory}/${disk.name}`);
    const seed = this.request.spec.seed ? { seedFile: `${this.directory}/${SEED_ISO}` } : {};
    const consoleLog = `${this.directory}/${CONSOLE_LOG}`;
    const vnc = vncListen === undefined ? {} : { vncListen };
    const shared = sharedCpus ? { sharedCpus } : {};
    const madeBy = host === undefined ? {} : { host };
    return domainXml({ ...this.request, ...guest, ...seed, ...vnc, ...shared, ...madeBy, virtType, diskFiles, consoleLog });
  }

  private async define(plan: Planned): Promise<Domain> {
    const { link, claims } = this.tools;
    const xml = this.xml(plan, await claims?.sharedCpus(this.request.spec, this.request.deadline));
    this.undo.add('domain', () => this.removeDomain());
    // Without VIR_DOMAIN_DEFINE_VALIDATE: the schema costs libvirt 15 ms a domain, and the tests hold all that we render to it.
    const define = (connection: virDomain.Connection) => connection.defineXMLFlags(xml, 0);
    try {
      return await link.call('virDomainDefineXMLFlags', `define ${this.id}`, define, this.request.deadline);
    } catch (error) {
      const code = libvirtCode(error);
      if (code !== VIR_ERR_OPERATION_FAILED && code !== VIR_ERR_DOM_EXIST) throw error;
      return await this.definedMeanwhile(error); // or "already exists": look who holds it
    }
  }

  private async definedMeanwhile(error: unknown): Promise<Domain> {
    const holder = await this.lookUp();
    const ours = holder !== null && holder !== 'foreign' && holder.marks.specHash === this.request.specHash;
    if (ours) return holder.domain;
    if (holder === null && libvirtCode(error) !== VIR_ERR_DOM_EXIST && !/already exists/.test(asComputeError(error).message)) throw error;
    throw this.held('another domain holds this id or its name');
  }

  private async startAndCommit(domain: Domain): Promise<PowerState> {
    const started = this.tools.events.expect(this.id, virDomain.VIR_DOMAIN_EVENT_STARTED);
    try {
      await this.step('start', () => this.start(domain));
      const powerState = await this.step('started', () =>
        whenStarted(this.tools.link, domain, this.id, started.seen, this.request.deadline),
      );
      await this.commit();
      return powerState;
    } finally {
      started.cancel();
    }
  }

  private async start(domain: Domain): Promise<void> {
    this.undo.add('guest', () => this.stopGuest());
    const { spec, start, deadline } = this.request;
    await createDomain(this.tools.link, domain, this.id, startFlags(start), deadline).catch((error: unknown) => {
      throw withGrant(error, namedInterfaces(spec));
    });
  }

  /** A guest of an attempt that was cut off after its start. */
  private async settle({ domain, powerState }: OwnDomain): Promise<PowerState> {
    let settled = powerState;
    if (powerState === 'paused' && !this.request.start.paused) {
      await this.resumeGuest(domain);
      settled = await this.readState(domain);
    }
    if (isOff(settled)) return this.startAndCommit(domain);
    await this.commit();
    return settled;
  }

  private async resumeGuest(domain: Domain): Promise<void> {
    try {
      await this.tools.link.call('virDomainResume', `resume ${this.id}`, () => domain.resume(), this.request.deadline);
    } catch (error) {
      if (libvirtCode(error) !== VIR_ERR_OPERATION_INVALID) throw error; // else it runs, or is off: the state says which
    }
  }

  /** From here on the spawn has happened: it is on the storage before anybody is told. */
  private async commit(): Promise<void> {
    const { paused = false, autodestroy = false } = this.request.start;
    const desired = { powerState: paused ? 'paused' : 'running', autodestroy } as const;
    const entry = { entry: 'committed', at: new Date().toISOString(), desired } as const;
    const store = async () => {
      await this.tools.directories.make(this.id);
      await (
        await appendJournal(this.directory, entry)
      ).stored;
    };
    await store().catch(fromFileSystem(`spawn ${this.id}`, 'started'));
    await this.tools.checkpoint?.('committed', this.id);
  }

  private async failed(thrown: unknown): Promise<ComputeError> {
    const error = asComputeError(thrown);
    if (this.undo.isEmpty) return error;
    const { cleanedUp, leftovers } = await this.takeAway();
    const details = { ...error.details, cleanedUp, ...(leftovers.length > 0 && { leftovers }) };
    return new ComputeError(error.kind, error.message, details, { cause: error.cause ?? thrown });
  }

  /** What cannot be taken away now belongs to the next attempt. */
  private async takeAway(): Promise<{ cleanedUp: string[]; leftovers: string[] }> {
    await this.tools.checkpoint?.('undo', this.id);
    const { cleanedUp, leftovers } = await this.undo.run();
    if (leftovers.length > 0) this.tools.unfinished.set(this.id, { specHash: this.request.specHash, undo: this.undo });
    else this.tools.unfinished.delete(this.id);
    return { cleanedUp, leftovers };
  }

  private async stopGuest(): Promise<boolean> {
    const domain = await this.ownDomain();
    return domain !== null && stopDomain(this.tools.link, domain, this.id, Date.now() + UNDO_MS);
  }

  private async removeDomain(): Promise<boolean> {
    const domain = await this.ownDomain();
    if (!domain) return false;
    await stopDomain(this.tools.link, domain, this.id, Date.now() + UNDO_MS);
    return undefineDomain(this.tools.link, domain, this.id, Date.now() + UNDO_MS);
  }

  /** Looks anew: libvirt may have been restarted since. */
  private async ownDomain(): Promise<Domain | null> {
    const holder = await lookUp(this.tools.link, this.id, Date.now() + UNDO_MS, readPowerStateNow);
    return holder === null || holder === 'foreign' || holder.marks.specHash !== this.request.specHash ? null : holder.domain;
  }

  private async removeFiles(): Promise<boolean> {
    const { removed, leftovers } = await this.tools.directories.remove(this.id).catch(fromFileSystem(`undo ${this.id}`));
    if (leftovers.length > 0) throw new ComputeError('internal', `undo ${this.id}: files of others stay: ${leftovers.join(', ')}`);
    return removed.length > 0;
  }

  private refuseOthers(holder: Holder, journal: JournalState): void {
    if (holder === 'foreign') throw this.held('a domain that this worker did not make holds this id; it is left alone');
    const found = holder?.marks ?? journal.begun;
    if (found) refuseOtherWish(this.id, found, this.request);
  }

  private held(why: string): ComputeError {
    return new ComputeError('already-exists', `spawn ${this.id}: ${why}`, { field: 'instance.id' });
  }

  private lookUp(): Promise<Holder> {
    return lookUp(this.tools.link, this.id, this.request.deadline);
  }

  private journal(): Promise<JournalState> {
    return this.tools.directories.journal(this.id).catch(fromFileSystem(`spawn ${this.id}`));
  }

  private readState(domain: Domain): Promise<PowerState> {
    return readPowerState(this.tools.link, domain, this.id, this.request.deadline);
  }

  /**
   * Does one step, or stops waiting for it when nobody wants the instance any more. What the host itself is at comes to its end first: files that
   * are still being written cannot be taken away.
   */
  private async step<T>(step: SpawnStep, run: () => Promise<T>): Promise<T> {
    const { signal, onProgress } = this.request;
    onProgress?.({ phase: step });
    const result = await timed(step, this.onStep, () => STOPPING[step](signal, run));
    signal?.throwIfAborted();
    const { checkpoint } = this.tools;
    if (checkpoint) await whileWanted(signal, () => checkpoint(step, this.id));
    return result;
  }

  private state(powerState: PowerState, generation = this.request.generation): InstanceState {
    const images = this.images.length > 0 ? { images: [...this.images] } : {};
    return { instanceId: this.id, powerState, domainName: domainName(this.id), specHash: this.request.specHash, generation, ...images };
  }
}

/** An overlay that an attempt made which was cut off stands on an image that its URL does not give any more: it is made anew. */
function isSame(earlier: DiskImage, image: DiskImage): boolean {
  return earlier.disk === image.disk && earlier.sha256 === image.sha256;
}
