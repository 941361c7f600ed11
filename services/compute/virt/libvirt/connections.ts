import type { LibvirtMetrics } from '../../metrics.js';
import { idleDelay } from './deadline.js';
import { type LifecycleEvents, removalOf } from './lifecycle-events.js';
import {
  type Connection,
  type Domain,
  type Libvirt,
  VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
  VIR_DOMAIN_EVENT_ID_LIFECYCLE,
} from './libvirt-calls.js';
import { Link, type LinkOptions } from './link.js';
import type { Owns } from './ownership.js';

export interface ConnectionsOptions {
  readonly libvirt: Libvirt;
  readonly uri: string;
  /** Connections for spawn and destroy; libvirtd works on five calls of one connection at a time. */
  readonly controlConnections: number;
  /** Longest time for one call in milliseconds. */
  readonly callTimeoutMs: number;
  readonly metrics: LibvirtMetrics;
  readonly events: LifecycleEvents;
  readonly owns?: Owns | undefined;
  /** Told of every new connection for events: libvirt may be another one than before. */
  connected?(): void;
  /** Told when events come from now on: what happened before was not heard. */
  heard?(): void;
  /** Told when the connection for events is gone or does not come about: it is the one that is always wanted. */
  lost?(why: string): void;
}

/** Commands on one connection beyond which another one is worth opening: what the binding lets through at a time. */
const CROWDED = 4;

/** libvirt connections by purpose, so that looking never stands in the way of doing, and a hung guest only in its own. */
export class Connections {
  readonly read: Link;
  /** For questions that a guest's QEMU has to answer: one that hangs is given up with its connection. */
  readonly stats: Link;
  /** The one that events come by; a survey asks here, where nobody waits for it. */
  readonly events: Link;
  private readonly control: readonly { readonly link: Link; commands: number }[];
  private closed = false;
  private listening: Promise<void> | undefined;

  constructor(options: ConnectionsOptions) {
    const { libvirt, uri } = options;
    const link = (role: string, open: () => Promise<Connection>, more: Partial<LinkOptions> = {}) =>
      new Link({ role, open, callTimeoutMs: options.callTimeoutMs, metrics: options.metrics, owns: options.owns, ...more });
    this.read = link('read', () => libvirt.openReadOnly(uri));
    this.stats = link('stats', () => libvirt.openReadOnly(uri));
    this.control = Array.from({ length: options.controlConnections }, (_, i) => ({
      link: link(`control-${i}`, () => libvirt.open(uri)),
      commands: 0,
    }));
    this.events = link('events', () => libvirt.openReadOnly(uri), {
      prepare: async (connection) => {
        const { events } = options;
        options.connected?.();
        const heard = (_: unknown, domain: Domain, event: number, detail: number) =>
          events.happened(domain.UUIDString(), domain.name(), event, detail);
        await connection.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, heard, null);
        const letGo = (_: unknown, domain: Domain, alias: string) => events.tell(domain.UUIDString(), removalOf(alias));
        await connection.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, letGo, null);
        options.heard?.();
        events.listening();
      },
      lost: (why) => {
        options.lost?.(why);
        options.events.deaf();
        this.listen();
      },
    });
  }

  /**
   * Opens what every command needs, side by side. Failures show at the first call; libvirt may come up later than we do. Resolves,
   * when it has been reached, with the link that reached it: the others may still wait for their next try.
   */
  async warmUp(): Promise<Link> {
    this.listen();
    for (const link of [this.read, this.roomiest().link]) link.ready().catch(() => {});
    await this.listening;
    return this.events;
  }

  /** Runs one command on one link from beginning to end, because libvirt's objects belong to their connection. */
  async withControl<T>(command: (link: Link) => Promise<T>): Promise<T> {
    const place = this.roomiest();
    place.commands++;
    try {
      return await command(place.link);
    } finally {
      place.commands--;
    }
  }

  /** Listens for events until closed, over all restarts of libvirtd. One listener at a time. */
  listen(): void {
    if (this.closed || this.listening) return;
    const open = async () => {
      for (let ms = 50; !this.closed; ms = Math.min(2 * ms, 5000)) {
        const heard = await this.events.ready().then(
          () => true,
          () => false,
        );
        if (heard) return;
        await idleDelay(ms * (0.5 + Math.random() / 2));
      }
    };
    this.listening = open().finally(() => (this.listening = undefined));
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.read, this.stats, this.events, ...this.control.map((place) => place.link)].map((link) => link.close()));
  }

  /** The first that is not crowded, so that connections are opened only when they are needed; else the least crowded. */
  private roomiest() {
    const roomy = this.control.find((place) => place.commands < CROWDED);
    return roomy ?? this.control.reduce((least, place) => (place.commands < least.commands ? place : least));
  }
}
