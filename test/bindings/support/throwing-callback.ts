/** A worker thread in which one of two callbacks throws. */
import { parentPort } from 'node:worker_threads';
import { open } from '@novalet/libvirt';

const conn = await open('test:///default');
const domain = await conn.lookupByName('test');
await conn.domainEventRegisterAny(null, 0, () => {
  throw new Error('thrown by a callback');
});
await conn.domainEventRegisterAny(null, 0, () => parentPort?.postMessage('the other was told'));
await domain.destroy();
