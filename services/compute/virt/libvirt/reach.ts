/** Tells an operator whether libvirt can be reached: each change once. */
export interface ReachListener {
  reached(): void;
  /** `before`: it had been reached. */
  lost(why: string, before: boolean): void;
}

/** What the driver's connections and looks find out about libvirt, as one answer that changes seldom. */
export class Reach {
  private state: 'unknown' | 'reached' | 'lost' = 'unknown';
  private over = false;

  constructor(private readonly listener: ReachListener) {}

  reached(): void {
    if (this.over || this.state === 'reached') return;
    this.state = 'reached';
    this.listener.reached();
  }

  lost(why: string): void {
    if (this.over || this.state === 'lost') return;
    const before = this.state === 'reached';
    this.state = 'lost';
    this.listener.lost(why, before);
  }

  /** The driver goes, and its connections with it: nobody need hear. */
  end(): void {
    this.over = true;
  }
}
