import type { HostWatcher } from '../../instances/sight.js';
import { domainName } from './domain-xml.js';
import { hostEvent } from './host-events.js';

/** Somebody who waits for one life-cycle event of one domain. */
export interface Expected {
  readonly seen: Promise<void>;
  cancel(): void;
}

/** The event of a device that the guest has let go of, by libvirt's alias. */
export const removalOf = (alias: string): string => `removed ${alias}`;

/** Hands libvirt's events to those who wait for one of them, and those of the life cycle to those who watch the host. */
export class LifecycleEvents {
  private readonly waiting = new Map<string, Set<() => void>>();
  /** Told of every event of every domain; quick, and never throws. */
  onAny: ((id: string, event: number) => void) | undefined;
  private readonly watchers = new Set<HostWatcher>();
  private isListening = false;

  /** Register before the call that causes the event; cancel when it no longer matters. */
  expect(id: string, event: number | string): Expected {
    const key = `${id} ${event}`;
    let tell!: () => void;
    const seen = new Promise<void>((resolve) => (tell = resolve));
    const others = this.waiting.get(key) ?? new Set();
    this.waiting.set(key, others.add(tell));
    const cancel = () => {
      others.delete(tell);
      if (others.size === 0 && this.waiting.get(key) === others) this.waiting.delete(key);
    };
    return { seen, cancel };
  }

  watch(watcher: HostWatcher): () => void {
    this.watchers.add(watcher);
    if (this.isListening) watcher.listening();
    return () => this.watchers.delete(watcher);
  }

  /** What only those hear who wait for it. */
  tell(id: string, event: number | string): void {
    for (const tell of this.waiting.get(`${id} ${event}`) ?? []) tell();
  }

  /** @param name the domain's: what does not bear ours is none of ours, and nobody watches it */
  happened(id: string, name: string, event: number, detail = 0): void {
    this.tell(id, event);
    this.onAny?.(id, event);
    const told = this.watchers.size > 0 && name === domainName(id) ? hostEvent(event, detail) : null;
    if (told === null) return;
    for (const watcher of this.watchers) {
      if (told === 'appeared' || told === 'vanished') watcher[told](id);
      else watcher.changed(id, told.powerState, told.reason);
    }
  }

  /** Events come from now on. */
  listening(): void {
    this.isListening = true;
    for (const watcher of this.watchers) watcher.listening();
  }

  /** None come until it listens again. */
  deaf(): void {
    this.isListening = false;
  }
}
