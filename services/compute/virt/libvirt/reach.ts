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
  private times = 0;

  constructor(private readonly listener: ReachListener) {}

  reached(): void {
    this.times += 1;
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

  /** It is asked now. What it was heard to say meanwhile weighs more than that it did not answer: gives whom to tell that. */
  asked(): (why: string) => void {
    const { times } = this;
    return (why) => {
      if (this.times === times) this.lost(why);
    };
  }

  /** The driver goes, and its connections with it: nobody need hear. */
  end(): void {
    this.over = true;
  }
}
