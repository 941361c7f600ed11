export interface BackOff {
  /** Longest wait before the second attempt, in milliseconds. */
  readonly firstMs: number;
  /** Longest wait before any attempt, in milliseconds. */
  readonly maxMs: number;
}

/**
 * How long to wait before the next attempt, in milliseconds: anywhere up to a bound that doubles (full jitter), so that those who failed
 * together do not come back together. `attempt` counts from 1.
 */
export function backOffMs({ firstMs, maxMs }: BackOff, attempt: number): number {
  return Math.random() * Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
}
