/** What ops/test-addon-valgrind.sh runs: a bit of everything that the addon does, on the test driver. */
import { open, registerErrorHandler, virEventAddTimeout, virEventRemoveTimeout, withDeadline } from '@novalet/libvirt';

const CALLS = 10_000;
const XML = '<domain type="test"><name>NAME</name><memory>1024</memory><os><type>hvm</type></os></domain>';

registerErrorHandler(() => {});
const timer = virEventAddTimeout(100, () => {});
const conn = await open('test:///default');
let told = 0;
await conn.domainEventRegisterAny(null, 0, () => told++);
await conn.registerCloseCallback(() => {});
let made = 0;

async function work(worker: number): Promise<void> {
  for (let round = 0; made < CALLS; round++) {
    made += 10;
    const domain = await conn.defineXML(XML.replace('NAME', `d-${worker}-${round}`));
    await domain.create();
    await Promise.all([domain.info(), domain.state(), domain.XMLDesc(), conn.getAllDomainStats()]);
    await withDeadline({ timeout: 60_000 }, () => conn.lookupByName('nobody')).catch(() => {});
    const stream = conn.newStream();
    await (await conn.lookupByName('test')).screenshot(stream, 0, 0);
    await stream.recv(1000);
    await stream.abort();
    await domain.destroy();
    await domain.undefine();
  }
}

await Promise.all([0, 1, 2, 3].map(work));
virEventRemoveTimeout(timer);
await conn.close();
console.log(`${made} calls, ${told} events`);
