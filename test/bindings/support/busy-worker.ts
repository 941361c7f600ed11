/** A worker thread that never stops calling libvirt, with an event registration of its own. Says so once it is busy. */
import { parentPort, workerData } from 'node:worker_threads';
import { open, registerErrorHandler, virEventAddTimeout, withDeadline, type virDomain } from '@novalet/libvirt';

const conn = await open(workerData as string);
await conn.domainEventRegisterAny(null, 0, () => {});
await conn.registerCloseCallback(() => {});
registerErrorHandler(() => {});
virEventAddTimeout(0, () => {});

async function screenshot(domain: virDomain | undefined): Promise<void> {
  const stream = conn.newStream();
  await domain?.screenshot(stream, 0, 0);
  await stream.recv(1000);
}

async function callOn(): Promise<never> {
  for (;;) {
    const [domain] = await conn.listAllDomains();
    await Promise.all([
      domain?.info(),
      domain?.XMLDesc(),
      conn.getAllDomainStats(),
      withDeadline({ timeout: 1000 }, () => conn.lookupByName('nobody')).catch(() => {}),
      screenshot(domain),
    ]);
  }
}

for (let i = 0; i < 8; i++) void callOn();
await conn.getHostname();
parentPort?.postMessage('busy');
