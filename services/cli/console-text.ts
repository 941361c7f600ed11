import { printable } from './printable.js';

type State = 'text' | 'escape' | 'intermediate' | 'sequence' | 'string';

/** C1 controls that begin what ESC and a second character begin, too. */
const C1: Readonly<Record<string, State>> = {
  '\x9b': 'sequence',
  '\x90': 'string',
  '\x98': 'string',
  '\x9d': 'string',
  '\x9e': 'string',
  '\x9f': 'string',
};
const AFTER_ESCAPE: Readonly<Record<string, State>> = {
  '[': 'sequence',
  P: 'string',
  X: 'string',
  ']': 'string',
  '^': 'string',
  _: 'string',
};

/**
 * What a guest writes on its console, for a terminal of somebody else's: text, line by line. Escape sequences (ECMA-48) are left out, also where
 * a piece ends in the middle of one; nothing that the guest writes moves the cursor, sets a title or answers for the person who reads.
 * A sequence ends with its line at the latest: one that was never finished hides no more than that.
 */
export class ConsoleText {
  readonly #decoder = new TextDecoder();
  #state: State = 'text';
  #lineHasText = false;
  #returned = false;

  write(piece: Uint8Array): string {
    return this.#clean(this.#decoder.decode(piece, { stream: true }));
  }

  /** What was held back of a character that never came whole, and the end of a line that has none. */
  end(): string {
    const rest = this.#clean(this.#decoder.decode());
    return this.#lineHasText ? `${rest}\n` : rest;
  }

  #clean(text: string): string {
    let clean = '';
    for (const character of text) clean += this.#next(character);
    return clean;
  }

  #next(character: string): string {
    if (character === '\n' || character === '\r') {
      this.#state = 'text';
      return this.#endOfLine(character);
    }
    switch (this.#state) {
      case 'text':
        return this.#text(character);
      case 'escape':
        if (character === '\x1b') return '';
        this.#state = AFTER_ESCAPE[character] ?? (isIntermediate(character) ? 'intermediate' : 'text');
        return '';
      case 'intermediate':
        if (!isIntermediate(character)) this.#state = 'text';
        return '';
      case 'sequence':
        if (character === '\x1b') this.#state = 'escape';
        else if (character >= '@' && character <= '~') this.#state = 'text';
        return '';
      case 'string':
        if (character === '\x1b')
          this.#state = 'escape'; // ESC \ ends it, and so does any other
        else if (character === '\x07' || character === '\x9c') this.#state = 'text';
        return '';
    }
  }

  #text(character: string): string {
    if (character === '\x1b') {
      this.#state = 'escape';
      return '';
    }
    const begins = C1[character];
    if (begins) {
      this.#state = begins;
      return '';
    }
    if (/^\p{Cc}$/u.test(character) && character !== '\t') return '';
    // A carriage return alone would have the line written over: what it said stays to be read.
    const before = this.#returned && this.#lineHasText ? '\n' : '';
    this.#returned = false;
    this.#lineHasText = true;
    return before + (character === '\t' ? character : printable(character));
  }

  #endOfLine(character: '\n' | '\r'): string {
    if (character === '\r') {
      this.#returned = true;
      return '';
    }
    this.#returned = false;
    this.#lineHasText = false;
    return '\n';
  }
}

function isIntermediate(character: string): boolean {
  return character >= ' ' && character <= '/';
}
