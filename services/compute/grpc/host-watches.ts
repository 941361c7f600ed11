import type { HostEvent } from '../../common/proto/generated/novalet/compute/v1/host_pb.js';
import type { HostReport } from './host-report.js';

/** Whoever is told. False: it takes no more until it says so. */
type Tell = (event: HostEvent) => boolean;

/** From one quick look to the next while somebody watches, and to one at everything; in milliseconds. */
const LOOK_EVERY_MS = 500;
const REPORT_EVERY_MS = 10_000;

/** Everybody who watches the host: one look for all of them. Who does not read is told the newest when it reads again. */
export class HostWatches {
  readonly #watches = new Set<{ readonly tell: Tell; takes: boolean; told: string }>();
  #timer: NodeJS.Timeout | undefined;
  #newest: HostEvent | undefined;
  #looked = '';
  #reported = 0;
  #looking = false;

  constructor(
    private readonly report: HostReport,
    private readonly everyMs = LOOK_EVERY_MS,
  ) {}

  get count(): number {
    return this.#watches.size;
  }

  /** Tells the host as it is, and whatever becomes of it. */
  async begin(tell: Tell): Promise<{ drained(): void; stop(): void }> {
    const watch = { tell, takes: true, told: '' };
    this.#watches.add(watch);
    this.#timer ??= setInterval(() => void this.#look(), this.everyMs).unref();
    await this.#refresh();
    return {
      drained: () => {
        watch.takes = true;
        this.#tell();
      },
      stop: () => {
        this.#watches.delete(watch);
        if (this.#watches.size === 0) this.close();
      },
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    if (this.report.quickLook() === this.#looked && performance.now() - this.#reported < REPORT_EVERY_MS) return;
    this.#looking = true;
    await this.#refresh().finally(() => (this.#looking = false));
  }

  async #refresh(): Promise<void> {
    this.#looked = this.report.quickLook();
    this.#reported = performance.now();
    this.#newest = await this.report.event();
    this.#tell();
  }

  #tell(): void {
    const event = this.#newest;
    const etag = event?.host?.etag;
    if (!event || etag === undefined) return;
    for (const watch of this.#watches) {
      if (!watch.takes || watch.told === etag) continue;
      watch.told = etag;
      watch.takes = watch.tell(event);
    }
  }
}
