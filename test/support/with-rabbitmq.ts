import { SHARED_RABBITMQ } from '../../ops/testing/shared-rabbitmq.js';
import { startRabbitmq, type Rabbitmq, type RabbitmqAddress, type RabbitmqOptions } from '../../ops/private/rabbitmq.js';
import { makeVhost, type Vhost } from '../../ops/private/vhost.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

/** A node of one's own (some seconds), for tests that kill, freeze or restart it. */
export async function withRabbitmq(t: TakeAway, options: RabbitmqOptions = {}): Promise<Rabbitmq> {
  const node = await startRabbitmq(options);
  takeAwayAfter(t, () => node.stop());
  return node;
}

/** A virtual host on the node of this test run, with TLS (some milliseconds); nobody else sees its queues. */
export async function withVhost(t: TakeAway): Promise<Vhost & { readonly node: RabbitmqAddress }> {
  const node = await sharedNode();
  const vhost = await makeVhost(node);
  takeAwayAfter(t, () => vhost.remove());
  return { ...vhost, node };
}

let ownNode: Promise<Rabbitmq> | undefined;

/** `npm test` starts one node for all; a test file that is run alone starts its own, which ends with the process. */
async function sharedNode(): Promise<RabbitmqAddress> {
  const given = process.env[SHARED_RABBITMQ];
  if (given !== undefined) return JSON.parse(given) as RabbitmqAddress;
  ownNode ??= startRabbitmq({ tls: true });
  return (await ownNode).address;
}
