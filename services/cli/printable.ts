/**
 * What plays with a terminal or with its reader's eyes: control characters, ends of lines, what turns the direction of writing or cannot be seen.
 * The joiners stay: scripts and emoji need them.
 */
const HARMFUL = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A stranger's text on one line of a terminal: what would do harm is shown by its number, `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(HARMFUL, byNumber);
}

/** The same for text of several lines, such as XML. */
export function printableLines(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(HARMFUL, (character) => (character === '\n' || character === '\t' ? character : byNumber(character)));
}

/** JSON that is still the same JSON, and harmless on a terminal. JSON.stringify leaves DEL, C1 and the turners of direction as they are. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(HARMFUL, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

function byNumber(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
