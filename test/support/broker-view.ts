import { waitUntil } from '../../ops/private/wait-until.js';
import type { Vhost } from '../../ops/private/vhost.js';

/** Ends the worker's connection from the broker's side, as an operator or a fault would. */
export async function cutWorker(vhost: Vhost): Promise<void> {
  const connection = await waitUntil('the broker to list the worker’s connection', async () => {
    const all = await vhost.management<{ name: string; vhost?: string; client_properties?: { connection_name?: string } }[]>(
      'GET',
      'connections',
    );
    return all?.find((one) => one.vhost === vhost.name && one.client_properties?.connection_name?.startsWith('novalet compute'));
  });
  await vhost.management('DELETE', `connections/${encodeURIComponent(connection.name)}`);
}
