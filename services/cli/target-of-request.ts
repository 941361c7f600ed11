import { metadataOf } from './await-operation.js';
import type { Call } from './leaf.js';
import { listed } from './operation-commands.js';

/** As many as a worker remembers. */
const ALL = 10_000;

/**
 * What a request of before was about, while the worker remembers it: the same command may come again when what it named is not there any more, because
 * it was the one that took it away. Undefined: there was none.
 */
export async function targetOfRequest(call: Call, requestId: string | undefined): Promise<string | undefined> {
  if (requestId === undefined) return undefined;
  const operations = await listed(call, '', ALL);
  return operations.map(metadataOf).find((metadata) => metadata?.requestId.toLowerCase() === requestId.toLowerCase())?.target;
}
