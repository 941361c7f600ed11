/**
 * Connects the terminal to a domain's console, and again whenever the domain starts anew. Ctrl-] or the end of the input leaves.
 *
 *     node console.js URI DOMAIN
 */
import { finished } from 'node:stream/promises';
import { open, VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_STARTED, type virDomain } from '@novalet/libvirt';

const LEAVE = 0x1d;

const [uri, name] = process.argv.slice(2);
if (uri === undefined || name === undefined) throw new Error('usage: node console.js URI DOMAIN');

await using conn = await open(uri);
const domain = await conn.lookupByName(name);
let write: (data: Buffer) => void = () => {};
let leaving = false;

/** One session: as long as the domain runs. */
async function attach(to: virDomain): Promise<void> {
  try {
    const stream = to.connect().newStream();
    await to.openConsole(null, stream, 0); // fails, say, while another program has the console
    const output = stream.readable();
    const input = stream.writable();
    input.on('error', () => {}); // the output tells
    write = (data) => void input.write(data);
    output.on('data', (data: Buffer) => process.stdout.write(data));
    await finished(output);
  } catch (error) {
    if (!leaving) console.error(`console: ${(error as Error).message}`);
  }
  write = () => {};
}

const events = await conn.domainEventRegisterAny(domain, VIR_DOMAIN_EVENT_ID_LIFECYCLE, (_conn, started, event) => {
  if (event === VIR_DOMAIN_EVENT_STARTED) void attach(started);
});
if (await domain.isActive()) void attach(domain);
console.log('Ctrl-] leaves.');

if (process.stdin.isTTY) process.stdin.setRawMode(true);
for await (const data of process.stdin as AsyncIterable<Buffer>) {
  if (data.includes(LEAVE)) break;
  write(data);
}
leaving = true;
await conn.domainEventDeregisterAny(events);
process.stdin.destroy();
