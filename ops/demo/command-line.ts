import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** `novalet`, as a person would type it, with the demo's worker at the other end. */
export class CommandLine {
  readonly #env: NodeJS.ProcessEnv;

  /** @param program the compiled program @param socket where the worker listens */
  constructor(
    private readonly program: string,
    readonly socket: string,
  ) {
    this.#env = { ...process.env, NOVALET_GRPC_ADDRESS: socket };
  }

  /** Gives what it printed; throws with what it said when it leaves with anything but 0. */
  async run(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [this.program, ...words], { env: this.#env });
    return stdout;
  }

  /** A command that goes on: tells each line as it comes. Gives the function that ends it. */
  follow(words: readonly string[], onLine: (line: string) => void): () => Promise<void> {
    const child = spawn(process.execPath, [this.program, ...words], { env: this.#env, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    createInterface({ input: child.stdout }).on('line', onLine);
    return async () => {
      child.kill('SIGINT');
      await exited;
    };
  }
}
