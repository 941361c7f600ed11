import { demandOf, type Growth, grown } from '../../../claims/demand.js';
import { type Asker, Ledger, refusedResources } from '../../../claims/ledger.js';
import { type Capacity, type ClaimLimits, sharedCpusOf } from '../../../claims/limits.js';
import type { Room } from '../../../claims/rooms.js';
import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import type { ClaimLine } from '../../../../common/messages/spawn-plan.js';
import { ComputeError } from '../../../../common/errors.js';
import { within, timeLeft } from '../deadline.js';
import type { InstanceDirectories } from '../instance-directory.js';
import {
  VIR_DOMAIN_EVENT_DEFINED,
  VIR_DOMAIN_EVENT_STARTED,
  VIR_DOMAIN_EVENT_STOPPED,
  VIR_DOMAIN_EVENT_UNDEFINED,
} from '../libvirt-calls.js';
import type { Link } from '../link.js';
import { countClaims, countOne } from './count-claims.js';
import { askMachine, capacityOf, type Machine } from './host-capacity.js';

export interface ClaimsOptions {
  readonly link: Link;
  readonly directories: InstanceDirectories;
  readonly limits: ClaimLimits;
  /** The hypervisor runs nothing, so there is room for everything. */
  readonly unbounded?: boolean;
  /** What the host has, for tests; absent: as it is. */
  readonly capacity?: Capacity;
  /** Told of each resource whenever it may have changed. */
  readonly onRooms?: (rooms: readonly Room[]) => void;
  readonly onRefused?: (resources: readonly ClaimLine['resource'][]) => void;
}

/** Events after which a domain may be another one. */
const CHANGING: readonly number[] = [VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_UNDEFINED];
/** Events after which a guest of others has something else, or nothing. */
const TELLING: readonly number[] = [...CHANGING, VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STOPPED];

/**
 * The host's resources and who has them. Counted from domains and directories before the first claim and after each reconnect, then kept by what
 * the worker does and by libvirt's events. In doubt it counts the one guest again: what is there is the truth.
 */
export class Claims {
  private readonly ledger: Ledger;
  private counting: Promise<void> | undefined;
  private counted = false;
  private machine: Promise<Machine> | undefined;
  /** How many commands of ours are at an id: its events are our own doing. */
  private readonly inHand = new Map<string, number>();
  private readonly doubtful = new Set<string>();
  private settling: Promise<void> | undefined;

  constructor(private readonly options: ClaimsOptions) {
    this.ledger = new Ledger(options.limits);
  }

  /** Counts everything anew, as after a time without events. Nobody need wait: a claim waits for the first count by itself. */
  recount(): void {
    this.machine = undefined;
    this.counting = undefined;
    this.ready(Infinity).catch(() => {}); // the next claim tries again
  }

  /**
   * Takes what the guest needs, or all that is missing is said. Taken again, it counts once.
   * @throws exhausted
   */
  async take(spec: InstanceSpec, diskMiB: number, deadline: number): Promise<void> {
    const capacity = await this.whenCounted(deadline);
    try {
      this.ledger.take(spec.id, demandOf(spec, diskMiB), capacity);
    } catch (error) {
      this.options.onRefused?.(refusedResources(error));
      throw error;
    }
    this.show(capacity);
  }

  /**
   * Takes what a guest of ours is to have besides. Whatever comes of it, the guest is counted again once its command is over (`changing`).
   * @throws exhausted
   */
  async grow(id: string, more: Growth, deadline: number, asker: Asker): Promise<void> {
    const capacity = await this.whenCounted(deadline);
    if (!this.ledger.of(id)) await this.settle(id);
    const present = this.ledger.of(id);
    if (!present) return; // its directory is not known here: the count after the command sees it
    try {
      this.ledger.change(id, grown(present, more), capacity, asker);
    } catch (error) {
      this.options.onRefused?.(refusedResources(error));
      throw error;
    }
    this.show(capacity);
  }

  /** All that guests have, now. @throws unavailable */
  async rooms(): Promise<Room[]> {
    const capacity = await this.whenCounted(Infinity);
    return this.ledger.rooms(capacity);
  }

  /** What it would take, and whether there is room. */
  async look(spec: InstanceSpec, diskMiB: number, deadline: number): Promise<ClaimLine[]> {
    return this.ledger.look(spec.id, demandOf(spec, diskMiB), await this.whenCounted(deadline));
  }

  /** The CPUs of guests that are not pinned, where settings keep them apart; undefined: wherever the kernel likes. */
  async sharedCpus({ cpuTune }: InstanceSpec, deadline: number): Promise<readonly number[] | undefined> {
    const { limits, unbounded } = this.options;
    if (unbounded || cpuTune?.pins || (limits.pinnedCpus === null && limits.sharedCpus === null)) return undefined;
    return sharedCpusOf(limits, (await this.capacity(deadline)).cpus);
  }

  /** Does what makes or ends the guest. Whatever then is left of it keeps its claim, and nothing else does. */
  async during<T>(id: string, work: () => Promise<T>, after: 'stays' | 'goes'): Promise<T> {
    this.inHand.set(id, (this.inHand.get(id) ?? 0) + 1);
    try {
      const result = await work();
      if (after === 'goes') this.ledger.release(id);
      else if (!this.ledger.of(id)) await this.settle(id).catch(() => {}); // it was there before, and before it was counted
      return result;
    } catch (error) {
      await this.settle(id).catch(() => {}); // libvirt is away: the count after its return settles it
      throw error;
    } finally {
      const others = (this.inHand.get(id) ?? 1) - 1;
      if (others > 0) this.inHand.set(id, others);
      else this.inHand.delete(id);
      this.capacity(Infinity).then(
        (capacity) => this.show(capacity),
        () => {},
      );
    }
  }

  /** Does what may give the guest other sizes: it is counted again afterwards. */
  async changing<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.during(id, work, 'stays');
    } finally {
      this.changed(id);
    }
  }

  /** libvirt told something of a domain, whoever's it is. */
  heard(id: string, event: number): void {
    const held = this.ledger.of(id);
    const isOurs = held !== undefined && !held.isOthers; // ours count whether they run or not
    const tells = isOurs ? CHANGING : TELLING;
    if (tells.includes(event) && !this.inHand.has(id)) this.changed(id);
  }

  /** Something may have become of a guest: it is counted again, and nobody waits for it. */
  changed(id: string): void {
    this.doubtful.add(id);
    this.settling ??= this.settleAll().finally(() => (this.settling = undefined));
  }

  /** What the guests have, by id; for tests. */
  held(): ReadonlyMap<string, unknown> {
    return new Map([...this.ledger.ids()].sort().map((id) => [id, this.ledger.of(id)]));
  }

  /** Resolves when every event that was heard is seen to. */
  async settled(): Promise<void> {
    while (this.settling) await this.settling;
  }

  /** Resolves when the host has been counted. @throws unavailable, timeout */
  async ready(deadline: number): Promise<void> {
    if (!this.counting) {
      const counting = this.count();
      this.counting = counting;
      counting.catch(() => this.counting === counting && (this.counting = undefined));
    }
    if (this.counted) return; // an older count, and all that was heard since: nobody waits for the next one
    await within(this.counting, timeLeft(deadline, 'count claims'), late);
  }

  private async whenCounted(deadline: number): Promise<Capacity> {
    await this.ready(deadline);
    return this.capacity(deadline);
  }

  private async count(): Promise<void> {
    const { link, directories } = this.options;
    const begun = this.ledger.revision;
    const found = await countClaims(link, directories);
    const takenByUs = (id: string) => this.inHand.has(id) && this.ledger.of(id) !== undefined; // half made: the command knows better
    for (const id of this.inHand.keys()) if (takenByUs(id)) found.delete(id);
    this.ledger.replace(found, begun, takenByUs);
    this.counted = true;
    this.show(await this.capacity(Infinity));
  }

  private async settleAll(): Promise<void> {
    for (const id of this.doubtful) {
      this.doubtful.delete(id);
      if (!this.inHand.has(id)) await this.settle(id).catch(() => {});
    }
    await this.capacity(Infinity).then(
      (capacity) => this.show(capacity),
      () => {},
    );
  }

  private async settle(id: string): Promise<void> {
    const begun = this.ledger.revision;
    const demand = await countOne(id, this.options.link, this.options.directories);
    if (this.ledger.isNewer(id, begun)) return;
    if (demand) this.ledger.put(id, demand);
    else this.ledger.release(id);
  }

  private async capacity(deadline: number): Promise<Capacity> {
    const { capacity, unbounded, link, directories } = this.options;
    if (capacity) return capacity;
    if (unbounded) return {};
    if (!this.machine) {
      const asked = askMachine(link, Infinity); // for all who come: each waits no longer than its own deadline
      this.machine = asked;
      asked.catch(() => this.machine === asked && (this.machine = undefined));
    }
    const machine = await within(this.machine, timeLeft(deadline, 'count claims'), late);
    return capacityOf(machine, directories.root);
  }

  private show(capacity: Capacity): void {
    this.options.onRooms?.(this.ledger.rooms(capacity));
  }
}

const late = (): ComputeError =>
  new ComputeError('timeout', 'count claims: the deadline passed before all guests of the host were counted');
