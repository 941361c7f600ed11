import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import { writeWhole } from '../write-whole.js';

/** Whose state a directory holds. */
const Identity = z.object({ host: z.string(), machineId: z.string().nullable() });
export type Identity = z.infer<typeof Identity>;

const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/** systemd's id of the installation; null where there is none, as in many containers. */
export function machineId(): string | null {
  for (const file of MACHINE_ID_FILES) {
    const id = readText(file)?.trim();
    if (id) return id;
  }
  return null;
}

/**
 * Refuses a state directory that was moved here from another machine, or cloned with it, or that was made under another host name: its worker would answer
 * for instances that run elsewhere. The first worker of a directory writes down whose it is.
 * @throws ComputeError precondition that says what differs, and how to adopt it
 */
export function claimState(file: string, mine: Identity): void {
  const text = readText(file);
  if (text === null) return write(file, mine);
  const theirs = parse(text);
  if (theirs === null) throw refused(file, 'it cannot be read as what a worker writes there');
  const differences = [
    theirs.host !== mine.host && `it is of the host ${bounded(theirs.host)}, and NOVALET_HOST is ${mine.host}`,
    theirs.machineId !== mine.machineId && `it is of the machine ${bounded(theirs.machineId)}, and this is ${mine.machineId ?? 'unknown'}`,
  ].filter((difference) => difference !== false);
  if (differences.length > 0) throw refused(file, differences.join('; '));
}

function refused(file: string, why: string): ComputeError {
  return new ComputeError(
    'precondition',
    `NOVALET_STATE_DIR: ${file} says whose state this is: ${why}. The directory was moved, cloned or renamed. To go on with it on this host, ` +
      `see that no other worker uses its instances, remove that file, and start the worker again; else give the worker a directory of its own`,
  );
}

function parse(text: string): Identity | null {
  try {
    return Identity.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function write(file: string, identity: Identity): void {
  try {
    writeWhole(file, `${JSON.stringify(identity)}\n`, 0o644);
  } catch (error) {
    const way = 'see that the disk is not full and that the directory is the worker user’s';
    throw new ComputeError('precondition', `${file} cannot be written (${(error as Error).message}); ${way}`, {}, { cause: error });
  }
}

/** Null: there is none. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ComputeError('precondition', `${file} cannot be read (${(error as Error).message})`, {}, { cause: error });
  }
}
