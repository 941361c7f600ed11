import { asComputeError, ComputeError } from '../../../common/errors.js';
import type { Diagnostics } from '../../../common/messages/diagnostics.js';
import type { PrefetchedImage } from '../../../common/messages/images.js';
import type { SpawnPlan } from '../../../common/messages/spawn-plan.js';
import type { HostWatcher, Memory, Sighting, Survey } from '../../instances/sight.js';
import type { SnapshotResult, ConsoleAddress, ConsoleOutput, DestroyResult, InstanceState } from '../../../common/messages/results.js';
import { LIFECYCLE_WORDS, type LibvirtMetrics } from '../../metrics.js';
import type {
  Abandoned,
  ChangeRequest,
  Driver,
  FoundInstance,
  LookRequest,
  PrefetchRequest,
  SpawnRequest,
  StepListener,
} from '../../ports.js';
import { DiskImages } from '../../images/disk-images.js';
import { ImageCache, type ImageCacheOptions } from '../../images/image-cache.js';
import { InstanceBases } from '../../images/instance-bases.js';
import { UNMEASURED } from '../../images/metrics.js';
import { prefetch } from '../../images/prefetch.js';
import { Changing, type ChangeTools } from './changing.js';
import { attachDisk, detachDisk } from './attach-disk.js';
import { attachInterface, detachInterface } from './attach-interface.js';
import type { Checkpoint } from './checkpoint.js';
import { Claims, type ClaimsOptions } from './claims/claims.js';
import type { Room } from '../../claims/rooms.js';
import type { ConsoleReader, ForeignDomain, HostFacts } from '../../host-view.js';
import { console, openConsole } from './console.js';
import { consoleAddress } from './console-address.js';
import { Connections } from './connections.js';
import { within } from './deadline.js';
import { destroy } from './destroy.js';
import { missingType } from './domain-types.js';
import { diagnostics } from './diagnostics.js';
import type { VirtType } from './domain-xml.js';
import { find } from './find.js';
import { quiesce, setAdminPassword, unquiesce } from './guest-agent.js';
import { foreignDomains } from './foreign-domains.js';
import { askFacts } from './host/host-facts.js';
import { HostOffers } from './host/host-offers.js';
import { FreshQcow2Files } from './fresh-qcow2.js';
import { ImageInfos } from './image-info.js';
import { ImagePaths } from './image-paths.js';
import { InstanceDirectories } from './instance-directory.js';
import type { Connection, Libvirt } from './libvirt-calls.js';
import { LifecycleEvents } from './lifecycle-events.js';
import type { Link } from './link.js';
import { ownership } from './ownership.js';
import { pause, resume, suspend, unpause } from './freeze.js';
import { reboot } from './reboot.js';
import { Reach, type ReachListener } from './reach.js';
import { rebuild } from './rebuild.js';
import { rescue, unrescue } from './rescue.js';
import { resize } from './resize.js';
import { setMetadata } from './set-metadata.js';
import { snapshot } from './snapshot.js';
import { start } from './start.js';
import { stop } from './stop.js';
import { recall, sight, survey } from './survey.js';
import { SpawnAttempt, type SpawnTools } from './spawn.js';

/** What may be fetched, and how much of it is kept; see settings.ts. */
export interface FetchedImages extends Pick<
  ImageCacheOptions,
  'hosts' | 'ca' | 'limitBytes' | 'maxImageBytes' | 'metrics' | 'stallMs' | 'diskReserveBytes'
> {
  /** Largest disk that an image may be of. */
  readonly maxDiskBytes?: number;
}

const NO_IMAGES: FetchedImages = { hosts: [], limitBytes: Infinity, maxImageBytes: Infinity, metrics: UNMEASURED };

export interface LibvirtDriverOptions {
  readonly uri: string;
  readonly virtType: VirtType;
  /** The worker's host name, written into every domain. Absent: every domain that bears our marks is ours. */
  readonly host?: string;
  /** Holds `instances/<uuid>`; QEMU's user must be able to pass through its parents. */
  readonly stateDir: string;
  /** The only places that images, kernels and initrds come from. */
  readonly imageDirs: readonly string[];
  /** Absent: none is fetched. */
  readonly images?: FetchedImages;
  /** Where snapshots go; absent: there are none. */
  readonly snapshotDir?: string;
  readonly metrics: LibvirtMetrics;
  /** Address that guests' screens listen at. Default 127.0.0.1. */
  readonly vncListen?: string;
  /** How much of the host guests may have, and who hears of it. Absent: nobody counts. */
  readonly claims?: Omit<ClaimsOptions, 'link' | 'directories'>;
  /** Connections for spawn and destroy, opened when needed. Default 4. */
  readonly controlConnections?: number;
  /** Longest time for one libvirt call, in milliseconds. Default 60 000. */
  readonly callTimeoutMs?: number;
  /** Told whether libvirt is reached, each change once; a libvirt that hangs is lost, too. Absent: nobody looks. */
  readonly reach?: ReachListener;
  /** From one look at a libvirt that nothing is heard of to the next, in milliseconds. Default 5 s. */
  readonly lookEveryMs?: number;
  /** Told what the operator should know, once. */
  readonly warn?: (what: string) => void;
  /** For tests: awaited after each step of a spawn or a change. */
  readonly checkpoint?: Checkpoint;
}

/** Cheap, and soon enough for whoever is on call. */
const LOOK_EVERY_MS = 5000;

/** libvirt as our hypervisor. What it leaves on a host, and in which order, is told in docs/way-of-one-message.md. */
export class LibvirtDriver implements Driver {
  private readonly events = new LifecycleEvents();
  private readonly connections: Connections;
  private readonly directories: InstanceDirectories;
  private readonly cache: ImageCache;
  private readonly tools: Omit<SpawnTools, 'link'>;
  private readonly snapshotDir: string | undefined;
  private asked: Promise<number> | undefined;
  private known: Promise<HostFacts> | undefined;
  private reach: Reach | undefined;
  private looking: NodeJS.Timeout | undefined;
  /** Null: nobody counts. */
  readonly claims: Claims | null;

  /** Connects in the background; libvirt may come later. Destroys that were cut off are finished by the way. */
  constructor(libvirt: Libvirt, options: LibvirtDriverOptions) {
    const { uri, metrics, controlConnections = 4, callTimeoutMs = 60_000 } = options;
    const offers = new HostOffers(options.virtType, uri);
    const connected = () => {
      offers.forget();
      this.known = undefined;
    };
    this.directories = new InstanceDirectories(options.stateDir);
    this.connections = new Connections({
      libvirt,
      owns: options.host === undefined ? undefined : ownership(options.host, this.directories),
      uri,
      metrics,
      controlConnections,
      callTimeoutMs,
      events: this.events,
      connected,
      heard: () => {
        this.reach?.reached();
        this.claims?.recount();
      },
      lost: (why) => this.reach?.lost(why),
    });
    if (options.reach) this.lookAfter(options.reach, options.lookEveryMs ?? LOOK_EVERY_MS);
    this.claims = options.claims ? new Claims({ ...options.claims, link: this.connections.read, directories: this.directories }) : null;
    this.events.onAny = (id, event) => {
      this.claims?.heard(id, event);
      const word = LIFECYCLE_WORDS[event];
      if (word !== undefined) metrics.event?.(word);
    };
    const infos = new ImageInfos(options.images?.maxDiskBytes);
    const paths = new ImagePaths(options.imageDirs);
    this.cache = new ImageCache({
      ...NO_IMAGES,
      ...options.images,
      stateDir: options.stateDir,
      infos,
      warn: (what) => options.warn?.(what),
    });
    this.snapshotDir = options.snapshotDir;
    this.tools = {
      events: this.events,
      directories: this.directories,
      paths,
      images: new DiskImages(paths, infos, this.cache),
      bases: new InstanceBases(this.cache),
      fresh: new FreshQcow2Files(),
      virtType: options.virtType,
      ...(options.host !== undefined && { host: options.host }),
      offers,
      ...(options.vncListen !== undefined && { vncListen: options.vncListen }),
      unfinished: new Map(),
      ...(this.claims && { claims: this.claims }),
      ...(options.checkpoint && { checkpoint: options.checkpoint }),
    };
    this.connections
      .warmUp()
      .then((link) => Promise.all([checkType(link, options), this.connections.withControl((control) => offers.warmUp(control))]))
      .catch(() => {});
    // What goes wrong here goes wrong again at the first spawn, where somebody can be told.
    this.directories
      .prepare()
      .then(() => this.directories.sweep())
      .catch(() => {});
  }

  find(id: string, deadline?: number): Promise<FoundInstance | null> {
    return ours(find(id, { link: this.connections.read, directories: this.directories }, deadline));
  }

  spawn(request: SpawnRequest, onStep: StepListener = () => {}): Promise<InstanceState> {
    const run = () => this.connections.withControl((link) => new SpawnAttempt(request, { ...this.tools, link }, onStep).run());
    return ours(this.claims ? this.claims.during(request.spec.id, run, 'stays') : run());
  }

  preview(request: SpawnRequest): Promise<SpawnPlan> {
    // Not the connection for looking: libvirt tells what a guest may have only to those who may make one.
    return ours(this.connections.withControl((link) => new SpawnAttempt(request, { ...this.tools, link }, () => {}).preview()));
  }

  abandon(request: SpawnRequest): Promise<Abandoned> {
    const run = () => this.connections.withControl((link) => new SpawnAttempt(request, { ...this.tools, link }, () => {}).abandon());
    return ours(run().finally(() => this.claims?.changed(request.spec.id)));
  }

  destroy(id: string, { deadline }: { deadline: number }, onStep: StepListener = () => {}): Promise<DestroyResult> {
    this.tools.unfinished.delete(id);
    const { directories, checkpoint } = this.tools;
    const run = () => this.connections.withControl((link) => destroy(id, deadline, { link, directories, checkpoint }, onStep));
    return ours(this.claims ? this.claims.during(id, run, 'goes') : run());
  }

  start(request: Parameters<Driver['start']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => start(changing, request));
  }

  stop(request: Parameters<Driver['stop']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => stop(changing, request));
  }

  reboot(request: Parameters<Driver['reboot']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => reboot(changing, request));
  }

  pause(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, pause);
  }

  unpause(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, unpause);
  }

  suspend(request: Parameters<Driver['suspend']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => suspend(changing, request));
  }

  resume(request: Parameters<Driver['resume']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => resume(changing, request));
  }

  setMetadata(request: Parameters<Driver['setMetadata']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => setMetadata(changing, request));
  }

  resize(request: Parameters<Driver['resize']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.sized(request.id, () => this.change(request, onStep, (changing) => resize(changing, request)));
  }

  rebuild(request: Parameters<Driver['rebuild']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.sized(request.id, () => this.change(request, onStep, (changing) => rebuild(changing, request, this.tools)));
  }

  rescue(request: Parameters<Driver['rescue']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.sized(request.id, () => this.change(request, onStep, (changing) => rescue(changing, request, this.tools)));
  }

  unrescue(request: Parameters<Driver['unrescue']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.sized(request.id, () => this.change(request, onStep, (changing) => unrescue(changing, request)));
  }

  attachDisk(request: Parameters<Driver['attachDisk']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.sized(request.id, () => this.change(request, onStep, (changing) => attachDisk(changing, request, this.tools)));
  }

  detachDisk(request: Parameters<Driver['detachDisk']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.sized(request.id, () => this.change(request, onStep, (changing) => detachDisk(changing, request)));
  }

  attachInterface(request: Parameters<Driver['attachInterface']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => attachInterface(changing, request, this.tools.offers));
  }

  detachInterface(request: Parameters<Driver['detachInterface']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => detachInterface(changing, request));
  }

  setAdminPassword(request: Parameters<Driver['setAdminPassword']>[0], onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, (changing) => setAdminPassword(changing, request));
  }

  snapshot(request: Parameters<Driver['snapshot']>[0], onStep?: StepListener): Promise<SnapshotResult> {
    return this.change(request, onStep, (changing) => snapshot(changing, request, this.snapshotDir));
  }

  quiesce(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, quiesce);
  }

  unquiesce(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState> {
    return this.change(request, onStep, unquiesce);
  }

  consoleAddress(request: LookRequest): Promise<ConsoleAddress> {
    return ours(consoleAddress(request, { link: this.connections.read, directories: this.directories }));
  }

  console(request: LookRequest & { readonly maxBytes: number }): Promise<ConsoleOutput> {
    return ours(console(request, { link: this.connections.read, directories: this.directories }));
  }

  openConsole(request: LookRequest): Promise<ConsoleReader> {
    return ours(openConsole(request, { link: this.connections.read, directories: this.directories }));
  }

  facts(): Promise<HostFacts> {
    this.known ??= this.askFacts();
    return ours(this.known);
  }

  rooms(): Promise<readonly Room[] | null> {
    return this.claims ? ours(this.claims.rooms()) : Promise.resolve(null);
  }

  foreignDomains(): Promise<readonly ForeignDomain[]> {
    return ours(foreignDomains(this.connections.events, this.directories));
  }

  diagnostics(request: LookRequest): Promise<Diagnostics> {
    return ours(diagnostics(request, { look: this.connections.read, stats: this.connections.stats, directories: this.directories }));
  }

  survey(): Promise<Survey> {
    return ours(survey(this.connections.events, this.directories, { cache: this.cache.files, snapshotDir: this.snapshotDir }));
  }

  sight(id: string): Promise<Sighting | null> {
    return ours(sight(id, this.connections.read, this.directories));
  }

  recall(id: string): Promise<Memory | null> {
    return recall(id, this.directories);
  }

  watch(watcher: HostWatcher): () => void {
    return this.events.watch(watcher);
  }

  prefetch(request: PrefetchRequest): Promise<PrefetchedImage> {
    return ours(prefetch(request, this.cache));
  }

  /** Asks the server, not the client library. A question that is still open is not asked again: a hung server gets no pile of them. */
  async ping(timeoutMs: number): Promise<void> {
    this.asked ??= this.connections.read
      .call('virConnectNumOfDomains', 'ping libvirt', (connection) => connection.numOfDomains())
      .finally(() => (this.asked = undefined));
    await ours(within(this.asked, timeoutMs, () => new ComputeError('unavailable', `libvirt did not answer within ${timeoutMs} ms`)));
  }

  close(): Promise<void> {
    clearInterval(this.looking);
    this.reach?.end();
    return this.connections.close();
  }

  /** A libvirt that hangs keeps its connections open: only a question tells. */
  private lookAfter(listener: ReachListener, everyMs: number): void {
    const reach = new Reach(listener);
    this.reach = reach;
    const look = () => {
      const unanswered = reach.asked();
      return this.ping(everyMs).then(
        () => reach.reached(),
        (error: unknown) => unanswered(asComputeError(error).message),
      );
    };
    this.looking = setInterval(() => void look(), everyMs).unref();
  }

  private askFacts(): Promise<HostFacts> {
    const { offers, virtType } = this.tools;
    const ask = async (link: Link) => askFacts(link, virtType, await offers.toMost(link).catch(() => null));
    const asked = this.connections.withControl(ask);
    asked.catch(() => (this.known = undefined));
    return asked;
  }

  private sized<T>(id: string, run: () => Promise<T>): Promise<T> {
    return this.claims ? this.claims.changing(id, run) : run();
  }

  private change<T = InstanceState>(
    request: ChangeRequest,
    onStep: StepListener = () => {},
    verb: (changing: Changing) => Promise<T>,
  ): Promise<T> {
    const { events, directories, bases, checkpoint } = this.tools;
    const shared: Omit<ChangeTools, 'link'> = {
      events,
      directories,
      bases,
      stats: this.connections.stats,
      ...(this.claims && { claims: this.claims }),
      ...(checkpoint && { checkpoint }),
    };
    return ours(this.connections.withControl((link) => verb(new Changing(request, { ...shared, link }, onStep))));
  }
}

/** Nothing but ComputeError leaves the driver. */
async function ours<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asComputeError(error);
  }
}

/** Cheap, and nobody waits for it: libvirt has looked at its QEMU when it answers. */
async function checkType(link: Link, { uri, virtType, warn }: LibvirtDriverOptions): Promise<void> {
  const ask = (connection: Connection) => connection.getCapabilities();
  const missing = missingType(virtType, uri, await link.call('virConnectGetCapabilities', 'ask libvirt what it has', ask));
  if (missing !== null) warn?.(missing);
}
