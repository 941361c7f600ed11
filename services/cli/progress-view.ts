import type { Call } from './leaf.js';
import { printable } from './printable.js';
import { bytes, duration } from './quantity.js';
import type { Output } from './surroundings.js';

/** How far something has come. */
export interface Stage {
  readonly phase: string;
  readonly bytes?: number | undefined;
  readonly totalBytes?: number | undefined;
  readonly percent?: number | undefined;
}

/** Shows a wait to people: on a terminal one line that is written over, elsewhere a line for every phase. */
export class ProgressView {
  readonly #began = performance.now();
  #phase: string | undefined;
  #shown = false;

  /** @param what such as `start my-guest` */
  constructor(
    private readonly output: Output,
    private readonly what: string,
  ) {}

  show(stage: Stage): void {
    const words = [this.what, stage.phase, amount(stage), percent(stage)].filter((word) => word !== '').map(printable);
    if (this.output.isTTY) {
      const line = [...words, duration(performance.now() - this.#began)].join(' · ');
      this.output.write(`\r\x1b[K${fitting(line, this.output.columns)}`);
      this.#shown = true;
    } else if (stage.phase !== this.#phase) this.output.write(`${words.join(' · ')}\n`);
    this.#phase = stage.phase;
  }

  /** Takes the line away, for what comes next. */
  end(): void {
    if (this.#shown) this.output.write('\r\x1b[K');
    this.#shown = false;
  }
}

/** Undefined where nobody looks: with --quiet, or in a pipe of programs. */
export function progressView({ options, printer, surroundings: { stderr } }: Call, what: string): ProgressView | undefined {
  return options.quiet || (printer.json && !stderr.isTTY) ? undefined : new ProgressView(stderr, what);
}

function amount({ bytes: done, totalBytes }: Stage): string {
  if (done === undefined) return '';
  return totalBytes === undefined ? bytes(done) : `${bytes(done)} of ${bytes(totalBytes)}`;
}

function percent({ percent: value }: Stage): string {
  return value === undefined ? '' : `${value} %`;
}

/** A line that wraps could not be written over. Characters of two cells are rare enough in it to be counted as such, all of them. */
function fitting(line: string, columns = 80): string {
  const wide = /[^\x20-\x7e·]/.test(line);
  const most = Math.max(1, Math.floor((columns - 1) / (wide ? 2 : 1)));
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`;
}
