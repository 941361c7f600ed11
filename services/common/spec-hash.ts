import { createHash } from 'node:crypto';

/**
 * Two wishes for the same guest have the same hash by whatever door they come: keys sorted, and what protobuf cannot tell from
 * absent (null, false, 0, "", [], {}) left out.
 */
export function specHash(wish: object): string {
  const canonical = JSON.stringify(withoutEmpties(wish)) ?? '{}';
  return `v1:sha256:${createHash('sha256').update(canonical).digest('hex')}`;
}

function withoutEmpties(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => withoutEmpties(item) ?? null);
  if (value !== null && typeof value === 'object') {
    const kept = Object.entries(value)
      .map(([key, inner]) => [key, withoutEmpties(inner)] as const)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }
  return value === null || value === false || value === 0 || value === '' ? undefined : value;
}
