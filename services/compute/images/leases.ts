/** Who uses which image at the moment, between finding it whole and having an overlay on the disk that names it. */
export class Leases {
  private readonly held = new Map<string, number>();
  /** When it was last taken or released. */
  private readonly lastHeld = new Map<string, number>();

  /** Takes effect at once. Gives what ends it; more than once does no harm. */
  take(image: string): () => void {
    this.held.set(image, (this.held.get(image) ?? 0) + 1);
    this.lastHeld.set(image, performance.now());
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.lastHeld.set(image, performance.now());
      const left = (this.held.get(image) ?? 1) - 1;
      if (left > 0) this.held.set(image, left);
      else this.held.delete(image);
    };
  }

  /**
   * In use now, or at any time since a moment of performance.now(): whoever has released it since then may have named it in an overlay that a look
   * begun before did not find.
   */
  isTaken(image: string, since: number): boolean {
    return this.held.has(image) || (this.lastHeld.get(image) ?? -1) >= since;
  }
}
