/** A worker thread that never stops calling libvirt, with an event registration of its own. Says so once it is busy. */
import { parentPort, workerData } from 'node:worker_threads';
import { open } from '@novalet/libvirt';

const conn = await open(workerData as string);
await conn.domainEventRegisterAny(null, 0, () => {});
await conn.registerCloseCallback(() => {});

async function callOn(): Promise<never> {
  for (;;) {
    const [domain] = await conn.listAllDomains();
    await Promise.all([domain?.info(), domain?.XMLDesc(), conn.getAllDomainStats(), conn.lookupByName('nobody').catch(() => {})]);
  }
}

for (let i = 0; i < 8; i++) void callOn();
await conn.getHostname();
parentPort?.postMessage('busy');
