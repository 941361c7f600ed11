/**
 * What the worker costs on top of libvirt: both sides by turns in one run, on private daemons that end with it.
 * Exit code 0 also when a target is missed: it measures. See docs/benchmarks.md.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startLibvirtd } from '../../ops/private/libvirtd.js';
import { startRabbitmq } from '../../ops/private/rabbitmq.js';
import { Supervisor } from '../../ops/private/supervisor.js';
import { makeVhost } from '../../ops/private/vhost.js';
import { machine } from './machine.js';
import { measure } from './measure.js';
import { FULL, QUICK } from './plan.js';
import { compared, met } from './row.js';
import { table } from './table.js';

const USAGE = `usage: npm run bench -- [--quick] [--json FILE]
  --quick      a short form that shows that it works; its figures mean little
  --json FILE  writes the result for programs, too`;

function options(): { quick: boolean; json?: string | undefined } {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } });
    return values;
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const { quick, json } = options();
const say = (words: string): void => console.error(`bench: ${words}`);

say('starting a private RabbitMQ and libvirtd');
await using supervisor = await Supervisor.start();
const [broker, libvirtd] = await Promise.all([startRabbitmq({ supervisor }), startLibvirtd({ supervisor })]);
const { url: amqpUrl } = await makeVhost(broker.address);
const rows = await measure({ supervisor, libvirtd, amqpUrl, plan: quick ? QUICK : FULL, say });

const about = await machine(libvirtd);
console.log(`\n${about}${quick ? '; quick: the figures mean little' : ''}; medians (smallest–greatest)\n`);
console.log(table(rows));
if (json !== undefined) {
  const content = { machine: about, quick, rows: rows.map((row) => ({ ...row, compared: compared(row), met: met(row) })) };
  await writeFile(json, `${JSON.stringify(content, null, 2)}\n`);
}
