import { inspect, stripVTControlCharacters } from 'node:util';

/** Select Graphic Rendition codes. */
const SGR = { bold: '1', dim: '2', cyan: '36', boldGreen: '1;32', green: '32', boldRed: '1;31' } as const;

/** Tells people what happens: coloured at a terminal, plain lines otherwise. Times count from its making. */
export class Narrator {
  readonly #began = performance.now();
  readonly #coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  readonly #seen: string[] = [];

  /** A new chapter. */
  step(title: string): void {
    console.log(`\n${this.#style('bold', `▸ ${title}`)}`);
  }

  /** Something that happened now. */
  say(text: string): void {
    console.log(`  ${this.#style('dim', this.#time())}  ${text}`);
  }

  /** What another program said, line by line, without what would play with the terminal. */
  quote(who: string, text: string): void {
    for (const line of text.replace(/\s+$/, '').split(/\r?\n/)) {
      console.log(`  ${this.#style('dim', this.#time())}  ${this.#style('cyan', `${who} │`)} ${printable(line)}`);
    }
  }

  /** Something that the demo promises, and that was really seen. */
  seen(what: string): void {
    this.#seen.push(what);
    console.log(`  ${this.#style('dim', this.#time())}  ${this.#style('green', '✓')} ${what}`);
  }

  /** What was promised and seen, in order. */
  sum(): void {
    console.log(`\n${this.#style('boldGreen', `Seen in ${this.#time().trim()}:`)}`);
    for (const what of this.#seen) console.log(`  ${this.#style('green', '✓')} ${what}`);
  }

  failed(error: unknown): void {
    const text = error instanceof Error ? error.message : inspect(error);
    console.error(`\n${this.#style('boldRed', '✗ The demo failed:')} ${text}`);
    if (error instanceof Error && error.cause) console.error(`  because: ${inspect(error.cause)}`);
  }

  #time(): string {
    return `${((performance.now() - this.#began) / 1000).toFixed(2).padStart(6)} s`;
  }

  #style(style: keyof typeof SGR, text: string): string {
    return this.#coloured ? `\x1b[${SGR[style]}m${text}\x1b[0m` : text;
  }
}

function printable(line: string): string {
  return stripVTControlCharacters(line).replace(/\p{Cc}/gu, '');
}
