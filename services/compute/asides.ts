/** What the worker does for instances by itself: one thing an instance at most, for it holds the instance's lane meanwhile. */
export class Asides {
  readonly #running = new Map<string, AbortController>();

  async run(instanceId: string, work: (wanted: AbortSignal) => Promise<void>): Promise<void> {
    const wanted = new AbortController();
    this.#running.set(instanceId, wanted);
    try {
      await work(wanted.signal);
    } finally {
      this.#running.delete(instanceId);
    }
  }

  /** It ends as soon as it safely can; nothing happens when nothing runs. */
  callOff(instanceId: string, reason: Error): void {
    this.#running.get(instanceId)?.abort(reason);
  }
}
