import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { ComputeError } from '../common/errors.js';
import type { Cordon, Drained } from './ports.js';
import { syncDirectoryOf, writeWhole } from './write-whole.js';

const Content = z.strictObject({ since: z.string(), requestId: z.string(), reason: z.string().optional() });

/** A drained host is drained until it is told otherwise: a file in the state directory says so over every restart. */
export class DrainedFile implements Cordon {
  #drained: Drained | null;
  onChange: (drained: Drained | null) => void = () => {};

  /**
   * @param file null: nothing outlives the process
   * @throws ComputeError precondition when the file is there and cannot be read: a host that was drained must not begin to work by mistake
   */
  constructor(private readonly file: string | null) {
    this.#drained = file === null ? null : read(file);
  }

  get drained(): Drained | null {
    return this.#drained;
  }

  /** Draining again changes nothing: the first reason stands. */
  drain(by: Omit<Drained, 'since'>): void {
    if (this.#drained) return;
    const drained = { since: new Date().toISOString(), ...by };
    if (this.file !== null) write(this.file, drained);
    this.#drained = drained;
    this.onChange(drained);
  }

  undrain(): void {
    if (!this.#drained) return;
    if (this.file !== null) remove(this.file);
    this.#drained = null;
    this.onChange(null);
  }
}

function read(file: string): Drained | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable(file, error);
  }
  try {
    const { reason, ...content } = Content.parse(JSON.parse(text));
    return { ...content, ...(reason !== undefined && { reason }) };
  } catch (error) {
    throw unusable(file, error);
  }
}

function write(file: string, drained: Drained): void {
  try {
    writeWhole(file, JSON.stringify(drained), 0o600);
  } catch (error) {
    throw notKept(file, error);
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
    syncDirectoryOf(file);
  } catch (error) {
    throw notKept(file, error);
  }
}

function notKept(file: string, error: unknown): ComputeError {
  const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
  return new ComputeError(full ? 'exhausted' : 'precondition', `cannot write ${file}: ${(error as Error).message}`, {}, { cause: error });
}

function unusable(file: string, error: unknown): ComputeError {
  const words = `${file} says whether this host is drained, and cannot be read (${(error as Error).message.slice(0, 200)})`;
  return new ComputeError(
    'precondition',
    `${words}; delete it when the host may work, or write it anew with host.drain`,
    {},
    { cause: error },
  );
}
