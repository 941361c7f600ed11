import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Collects what is garbage now, and lets the addon's finalizers run: Node runs them in a turn of its loop. */
export async function collectGarbage(): Promise<void> {
  gc();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
