import type { DescMessage, JsonValue, MessageShape } from '@bufbuild/protobuf';
import { messageJson } from './json.js';
import { printable, printableJson } from './printable.js';
import type { Output, Surroundings } from './surroundings.js';

export const FORMATS = ['table', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** The results of a command go to stdout, in the form that was asked for; what is for people beside them goes to stderr. */
export class Printer {
  readonly json: boolean;
  readonly #stdout: Output;
  readonly #stderr: Output;

  constructor(
    { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
    format: Format,
    private readonly quiet: boolean,
  ) {
    this.json = format === 'json';
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** @param words for people, harmless already, and with its ends of lines */
  async message<D extends DescMessage>(schema: D, message: MessageShape<D>, words: () => string): Promise<void> {
    await this.value(this.json ? messageJson(schema, message) : null, words);
  }

  async value(json: JsonValue, words: () => string): Promise<void> {
    await this.out(this.json ? `${printableJson(json, 2)}\n` : words());
  }

  /** One of many that come one after the other: JSON in a line of its own. */
  async row<D extends DescMessage>(schema: D, message: MessageShape<D>, words: () => string): Promise<void> {
    await this.out(this.json ? `${printableJson(messageJson(schema, message))}\n` : words());
  }

  /** As it is, no faster than it is read. */
  async out(text: string | Uint8Array): Promise<void> {
    if (text.length > 0) await written(this.#stdout, text);
  }

  /** For people, and only for them. */
  note(words: string): void {
    if (!this.quiet && !this.json) this.#stderr.write(`${printable(words)}\n`);
  }
}

function written(output: Output, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => output.write(text, (error) => (error ? reject(error) : resolve())));
}
