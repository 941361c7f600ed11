import type { Instance } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { InstanceService } from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { Failure, invalid } from './failure.js';
import { ask, type Call } from './leaf.js';
import { PAGE, pages } from './pages.js';
import { lastPart, PROJECT } from './resource-names.js';

/** No name is longer. */
const MAX_NAME = 255;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The resource name of an instance that a person names by its UUID, by its resource name, or by what people call it where only one is called so.
 * @throws Failure not-found, or invalid when several are called so
 */
export async function findInstance(call: Call, words: string | undefined): Promise<string> {
  if (words === undefined || words === '') throw invalid('which instance?', 'Give its id or its name; novalet instance list shows them.');
  if (UUID.test(words)) return `${PROJECT}/instances/${words.toLowerCase()}`;
  if (words.startsWith('projects/')) return words;
  const called: string[] = [];
  for await (const { name, displayName } of allInstances(call, calledSo(words))) if (displayName === words) called.push(name);
  const [only] = called;
  if (called.length === 1 && only !== undefined) return only;
  if (only === undefined) {
    throw new Failure({
      kind: 'not-found',
      message: `no instance is called ${words}`,
      advice: 'novalet instance list shows what there is.',
    });
  }
  throw invalid(
    `${called.length} instances are called ${words}: ${called.map(lastPart).join(', ')}`,
    'Give the id of the one that is meant.',
  );
}

/** As a filter says it; what is too long for one is looked for among all. */
function calledSo(words: string): string {
  return words.length > MAX_NAME ? '' : `display_name = "${words.replace(/["\\]/g, '\\$&')}"`;
}

/** All instances of the host, page by page. */
export async function* allInstances(call: Call, filter = ''): AsyncGenerator<Instance> {
  const page = (pageToken: string) =>
    ask(call, InstanceService.method.listInstances, { parent: PROJECT, pageSize: PAGE, pageToken, filter });
  for await (const { instances } of pages(page)) yield* instances;
}
