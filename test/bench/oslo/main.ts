/**
 * What a call by oslo.messaging costs: the worker's bridge beside oslo.messaging's own server, under the same load in one run, on a private
 * RabbitMQ. Exit code 0 also when a target is missed: it measures. See docs/benchmarks.md.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startRabbitmq } from '../../../ops/private/rabbitmq.js';
import { Supervisor } from '../../../ops/private/supervisor.js';
import type { Sample } from '../statistics.js';
import { measureOslo, OSLO_FULL, OSLO_QUICK, type Figures } from './measure.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } });

await using supervisor = await Supervisor.start();
const broker = await startRabbitmq({ supervisor });
const { ours, rival } = await measureOslo(supervisor, broker.address, values.quick ? OSLO_QUICK : OSLO_FULL);

const ROWS: readonly {
  readonly what: string;
  readonly key: keyof Figures;
  readonly unit: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}[] = [
  { what: 'a call, one in flight: published → answered', key: 'latency', unit: 'ms', atMost: 0.8 },
  { what: 'calls, 32 in flight', key: 'rate', unit: '/s', atLeast: 3 },
  { what: "the server's processor time for a call, 32 in flight", key: 'cpu', unit: 'ms', atMost: 1 / 3 },
];

const shown = ({ median, min, max }: Sample, unit: string): string =>
  `${median.toPrecision(3)} ${unit} (${min.toPrecision(3)}–${max.toPrecision(3)})`;

const rows = ROWS.map(({ what, key, unit, atMost = Infinity, atLeast = 0 }) => {
  const ratio = ours[key].median / rival[key].median;
  const target = atLeast > 0 ? `≥ ${atLeast}` : `≤ ${atMost.toFixed(2)}`;
  return { what, key, unit, ours: ours[key], rival: rival[key], ratio, target, met: ratio <= atMost && ratio >= atLeast };
});
console.log('medians (smallest–greatest)\n');
for (const row of rows)
  console.log(
    `${row.what}: ours ${shown(row.ours, row.unit)}, oslo.messaging ${shown(row.rival, row.unit)}, ratio ${row.ratio.toFixed(2)} (${row.target}: ${row.met ? 'met' : 'MISSED'})`,
  );
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ quick: values.quick, rows }, null, 2)}\n`);
