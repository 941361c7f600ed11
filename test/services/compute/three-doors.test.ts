import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { CommandResult } from '../../../services/common/messages/results.js';
import { specHash } from '../../../services/common/spec-hash.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { errorIn, instanceIn, type ApiClient } from '../../support/api-client.js';
import { spawnBody } from '../../support/commands.js';
import { OSLO_SETTINGS, OsloClient } from '../../support/oslo-client.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { withApi } from '../../support/with-api.js';

const ROUNDS = 20;

interface Wish {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
}
/** What a door said: the hash of the guest that it has, or why there is none for it. */
type Door = (wish: Wish) => Promise<string | undefined>;

const byQueue =
  (client: AmqpClient): Door =>
  async (wish) => {
    const { instance, error } = await client.call('instance.spawn', spawnBody({ ...wish }));
    return instance?.specHash ?? error?.kind;
  };

const byGrpc =
  (client: ApiClient): Door =>
  async ({ id, name, vcpus, memoryMiB }) => {
    const instance = { displayName: name, spec: { vcpus, memoryMib: BigInt(memoryMiB) } };
    const ended = await client.ended(await client.create(id, { instance }));
    return instanceIn(ended)?.status?.specHash ?? (errorIn(ended)?.code === 6 ? 'already-exists' : errorIn(ended)?.message);
  };

const byBridge =
  (client: OsloClient): Door =>
  async (wish) => {
    const { result, failure } = await client.call('instance.spawn', spawnBody({ ...wish }), { version: '1.0', namespace: 'novalet' });
    if (failure === null) return (result as CommandResult).instance?.specHash;
    return (JSON.parse(failure) as { class: string }).class === 'InstanceExists' ? 'already-exists' : failure;
  };

/** Every order of three, over and over. */
const inOrder = <T>(all: readonly T[], round: number): T[] => {
  const left = [...all];
  return [round % 3, Math.floor(round / 3) % 2, 0].flatMap((index) => left.splice(index, 1));
};

test(`the same wish by queue, gRPC and bridge at once is one guest, ${ROUNDS} times, and whoever wishes another is told so`, async (t) => {
  const { url } = await withVhost(t);
  const { client, driver } = await withApi(t, { url, oslo: { ...OSLO_SETTINGS, url } });
  const doors = [byQueue(await AmqpClient.connect(t, url)), byGrpc(client), byBridge(await OsloClient.connect(t, url))];
  for (let round = 0; round < ROUNDS; round++) {
    const wish = { id: randomUUID(), name: 'web', vcpus: 1, memoryMiB: 64 };
    const other = { ...wish, vcpus: 2 };
    const asked = inOrder([0, 1, 2], round).map((door) => ({ door, wish: round % 5 === 4 && door === 1 ? other : wish }));
    const answers = await Promise.all(asked.map(async (one) => ({ ...one, said: await doors[one.door]?.(one.wish) })));
    assert.equal(driver.host.starts.get(wish.id), 1, `round ${round}: one start`);
    const made = driver.host.instances.get(wish.id)?.request.specHash;
    for (const { door, wish: wished, said } of answers)
      assert.equal(said, specHash(wished) === made ? made : 'already-exists', `round ${round}, door ${door}`);
  }
  assert.equal(driver.host.instances.size, ROUNDS);
});
