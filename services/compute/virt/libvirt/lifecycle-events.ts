/** Somebody who waits for one life-cycle event of one domain. */
export interface Expected {
  readonly seen: Promise<void>;
  cancel(): void;
}

/** The event of a device that the guest has let go of, by libvirt's alias. */
export const removalOf = (alias: string): string => `removed ${alias}`;

/** Hands libvirt's life-cycle events to those who wait for them. An event that nobody waits for is nobody's. */
export class LifecycleEvents {
  private readonly waiting = new Map<string, Set<() => void>>();

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

  happened(id: string, event: number | string): void {
    for (const tell of this.waiting.get(`${id} ${event}`) ?? []) tell();
  }
}
