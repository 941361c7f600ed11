/**
 * Signs of life for a caller who monitors his call (call_monitor_timeout), twice in each of his time-outs, until told to stop. He is told how it
 * is going, not how it went: nothing is kept and nothing confirmed.
 */
export function monitorCall(monitorSeconds: number | null, beat: () => void): () => void {
  if (monitorSeconds === null) return () => {};
  const timer = setInterval(beat, (monitorSeconds * 1000) / 2);
  timer.unref();
  return () => clearInterval(timer);
}
