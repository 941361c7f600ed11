/** The chaos suite from the command line: docs/reliability.md. Exit code 1 when a seed failed. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { canMount, chaosRun } from './chaos-run.js';
import { DOOR_CHOICES, isGentle, POINTS, type DoorChoice, type DriverKind } from './plan.js';
import type { SeedReport } from './run-seed.js';
import { growth } from './growth.js';

const USAGE = `usage: npm run test:chaos -- [--seeds N] [--from N] [--driver test|qemu] [--doors all|queue] [--jobs N]
  --seeds N   how many seeds to play; default 20
  --from N    the first of them; default 1. One seed again: --from 17 --seeds 1
  --driver    libvirt's test driver (default) or real QEMU guests
  --doors     by queue, gRPC and oslo.messaging (default), or by the queue alone, as seeds were before there were others
  --jobs N    how many are played at once, each on a broker and a libvirtd of its own; default 1`;

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

function options(): { seeds: number; from: number; jobs: number; driver: DriverKind; doors: DoorChoice } {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ options: { seeds: text, from: text, driver: text, doors: text, jobs: text } });
    const number = (given: string | undefined, otherwise: number): number => {
      if (given !== undefined && !/^\d{1,9}$/.test(given)) throw new Error(`${given} is not a whole number`);
      return given === undefined ? otherwise : Number(given);
    };
    const { driver = 'test', doors: given = 'all' } = values;
    const doors = DOOR_CHOICES.find((choice) => choice === given);
    if (!doors) throw new Error(`there are no doors ${given}`);
    if (driver !== 'test' && driver !== 'qemu') throw new Error(`there is no driver ${driver}`);
    return { seeds: number(values.seeds, 20), from: number(values.from, 1), jobs: number(values.jobs, 1), driver, doors };
  } catch (error) {
    console.error(`chaos: ${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const { seeds: count, from, jobs, driver, doors } = options();
const keepIn = join(ROOT, '.cache', 'chaos');
const all = Array.from({ length: count }, (_, i) => from + i);
// Those that leave the worker alive come first, so that one life sees them all.
const seeds = [...all.filter(isGentle), ...all.filter((seed) => !isGentle(seed))];
if (!canMount()) console.error('chaos: no mount namespace of its own (that asks for root): the disk does not fill up');

const tell = ({ seed, wrongs, commands, faults, deaths, seconds }: SeedReport): void => {
  const words = [...faults, ...deaths.map((point) => `death at ${point}`)].join(', ');
  console.log(
    `chaos: seed ${seed}: ${wrongs.length === 0 ? 'good' : 'NOT good'} (${commands} messages, ${seconds.toFixed(1)} s; ${words})`,
  );
  for (const wrong of wrongs) console.log(`  ${wrong}`);
  if (wrongs.length > 0)
    console.log(
      `  logs: ${join(keepIn, `${driver}-${seed}`)}; again: npm run test:chaos -- --driver ${driver} --doors ${doors} --from ${seed} --seeds 1`,
    );
};
const ending = new AbortController();
const began = performance.now();
// Whoever ends a run early still hears what it came to; a second signal ends it at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
const reports = await chaosRun({ driver, doors, seeds, jobs, keepIn, told: tell, wanted: ending.signal });
const minutes = (performance.now() - began) / 60_000;

const failed = reports.filter(({ wrongs }) => wrongs.length > 0);
const sum = (of: (report: SeedReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
const died = new Map<string, number>();
for (const { deaths } of reports)
  for (const death of deaths) died.set(death.split(' ')[0] ?? '', (died.get(death.split(' ')[0] ?? '') ?? 0) + 1);
const { grown, longest } = growth(reports);
console.log(
  `chaos: ${reports.length} seeds on ${driver}: ${failed.length} failed; ${sum(({ commands }) => commands)} messages, ${sum(({ faults }) => faults.length)} faults, ${sum(({ deaths }) => deaths.length)} deaths at ${died.size} of ${POINTS.length} points, ${sum(({ resumed }) => resumed)} watches taken up again; ${minutes.toFixed(1)} minutes`,
);
console.log(`chaos: ${longest}`);
for (const wrong of grown) console.log(`chaos: ${wrong}`);
if (failed.length > 0) console.log(`chaos: failed: ${failed.map(({ seed }) => seed).join(' ')}`);
process.exitCode = failed.length > 0 || grown.length > 0 ? 1 : 0;
