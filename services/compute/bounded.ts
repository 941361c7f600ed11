/** What cutting between the halves of a character leaves. */
const HALF_A_PAIR = /[\ud800-\udbff]$/;

/** A stranger's text, short enough for a log line or an answer. Escaping is left to whoever writes it (JSON does). */
export function bounded(value: unknown, maxLength = 200): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '');
  return text.length <= maxLength ? text : `${text.slice(0, maxLength).replace(HALF_A_PAIR, '')}…`;
}
