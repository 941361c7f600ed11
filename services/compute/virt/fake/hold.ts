/** Stops whoever waits on it until released; tells when somebody has arrived. */
export class Hold {
  private arrive!: () => void;
  private open!: () => void;
  /** Resolves when the step has been reached. */
  readonly reached = new Promise<void>((resolve) => (this.arrive = resolve));
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  async wait(): Promise<void> {
    this.arrive();
    await this.opened;
  }

  release(): void {
    this.open();
  }
}
