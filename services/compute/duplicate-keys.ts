/** One step of a path: a key, or a place in a list. */
export type PathPart = string | number;

/**
 * The path of the first key that an object of a JSON text has twice; null: there is none. `JSON.parse` takes the last of them without a word, and
 * whoever looked at the first thought of another command. Mostly two counts, and no second reading.
 * @param value what `JSON.parse` made of the text
 */
export function duplicateKey(text: string, value: unknown): readonly PathPart[] | null {
  return keysIn(text) === keysOf(value) ? null : find(text);
}

const QUOTE = '"';
const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, COLON, BACKSLASH] = [9, 10, 13, 32, 58, 92];

/** Strings that a colon follows, in a text that is known to be JSON. */
function keysIn(text: string): number {
  let keys = 0;
  for (let open = text.indexOf(QUOTE); open >= 0;) {
    const end = endOfString(text, open);
    if (isKey(text, end)) keys += 1;
    open = text.indexOf(QUOTE, end);
  }
  return keys;
}

/** Without recursion: how deep it is nested is up to a stranger. */
function keysOf(value: unknown): number {
  let keys = 0;
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (one === null || typeof one !== 'object') continue;
    const inner: readonly unknown[] = Array.isArray(one) ? one : Object.values(one);
    if (!Array.isArray(one)) keys += inner.length;
    for (const each of inner) left.push(each);
  }
  return keys;
}

interface Level {
  /** Null: a list. */
  readonly seen: Set<string> | null;
  at: PathPart;
}

function find(text: string): readonly PathPart[] | null {
  const levels: Level[] = [];
  for (let i = 0; i < text.length; i++) {
    const level = levels.at(-1);
    switch (text.charAt(i)) {
      case '{':
        levels.push({ seen: new Set(), at: '' });
        break;
      case '[':
        levels.push({ seen: null, at: 0 });
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level && typeof level.at === 'number') level.at += 1;
        break;
      case QUOTE: {
        const end = endOfString(text, i);
        if (level?.seen && isKey(text, end)) {
          level.at = JSON.parse(text.slice(i, end)) as string;
          if (level.seen.has(level.at)) return levels.map(({ at }) => at);
          level.seen.add(level.at);
        }
        i = end - 1;
        break;
      }
      default:
    }
  }
  return null;
}

/** Where the text goes on after the string that opens there. */
function endOfString(text: string, open: number): number {
  for (let close = text.indexOf(QUOTE, open + 1); ; close = text.indexOf(QUOTE, close + 1)) {
    let slashes = 0;
    while (text.charCodeAt(close - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
  }
}

function isKey(text: string, end: number): boolean {
  for (let i = end; ; i++) {
    const code = text.charCodeAt(i);
    if (code !== SPACE && code !== TAB && code !== LINE_FEED && code !== CARRIAGE_RETURN) return code === COLON;
  }
}
