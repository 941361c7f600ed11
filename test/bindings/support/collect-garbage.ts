import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Marks and sweeps; the addon's finalizers have not run yet. */
export function markAndSweep(): void {
  gc();
}

/** Collects what is garbage now, and lets the addon's finalizers run: Node runs them in a turn of its loop. */
export async function collectGarbage(): Promise<void> {
  gc();
  await finalize();
}

/** The addon's finalizers run, in a turn of Node's loop. */
export async function finalize(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
