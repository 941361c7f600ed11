/** What happened when, for whoever has to find out why a seed failed. */
export class Timeline {
  #began = performance.now();
  #lines: string[] = [];

  begin(): void {
    this.#began = performance.now();
    this.#lines = [];
  }

  /** Milliseconds since the seed began. */
  get now(): number {
    return performance.now() - this.#began;
  }

  add(what: string): void {
    this.#lines.push(`${String(Math.round(this.now)).padStart(7)} ms  ${what}`);
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}
