/** One step of a path: a key, or a place in a list. */
export type PathPart = string | number;

const QUOTE = '"';
const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, COLON, BACKSLASH] = [9, 10, 13, 32, 58, 92];

interface Level {
  /** Null: a list. */
  readonly seen: Set<string> | null;
  at: PathPart;
}

/**
 * The path of the first key that an object of a JSON text has twice; null: there is none. `JSON.parse` takes the last of them without a word, and
 * whoever looked at the first thought of another command.
 * @param text that is known to be JSON
 */
export function duplicateKey(text: string): readonly PathPart[] | null {
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

/** Where the text goes on after the string that opens there; its own end when nothing closes it. */
export function endOfString(text: string, open: number): number {
  for (let close = text.indexOf(QUOTE, open + 1); ; close = text.indexOf(QUOTE, close + 1)) {
    if (close < 0) return text.length;
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
