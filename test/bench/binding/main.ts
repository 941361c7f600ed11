/**
 * The binding beside C, libvirt-python and, where it is installed, @unraid/libvirt: the same orders by turns in one run, on private daemons
 * that end with it. Exit code 0 also when a target is missed: it measures.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLibvirtd } from '../../../ops/private/libvirtd.js';
import { standBeforeLibvirt } from '../../bindings/support/stand-before-libvirt.js';
import { machine } from '../machine.js';
import { measure, type Result } from './measure.js';
import { compileRival } from './rivals.js';
import { rows } from './rows.js';
import { judged, table } from './table.js';

const USAGE = `usage: npm run bench -- binding [--quick] [--only KEY]... [--unraid FOLDER] [--json FILE]
  --quick          a short form that shows that it works; its figures mean little
  --only KEY       these rows alone
  --unraid FOLDER  a folder with @unraid/libvirt in its node_modules, to be measured too
  --json FILE      writes the result for programs, too`;

function options() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        unraid: { type: 'string' },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const { quick, only, unraid, json } = options();
const wanted = rows(quick ? 0.02 : 1).filter(({ key }) => only === undefined || only.includes(key));
const ends: (() => Promise<void>)[] = [];
const takeAway = { after: (end: () => Promise<void>) => void ends.push(end) };

async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'novalet-bench-'));
  takeAway.after(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755); // the daemon is another user's
  const libvirtd = await startLibvirtd();
  takeAway.after(() => libvirtd.stop());
  const sixty = await standBeforeLibvirt(takeAway, '../../bench/binding/rival/sixty-values.c');
  if (sixty === null) throw new Error('libvirt’s headers are not installed (libvirt-dev)');
  const place = { folder, libvirtd, sixty, commands: { program: await compileRival(folder), unraid: unraid ?? null } };

  const results: Result[] = [];
  for (const row of wanted) {
    console.error(`bench: ${row.what}`);
    results.push(await measure(row, place));
  }
  const about = await machine(libvirtd);
  console.log(`\n${about}${quick ? '; quick: the figures mean little' : ''}; medians\n\n${table(results)}`);
  if (json !== undefined) {
    const content = results.map((result) => ({ key: result.row.key, ...judged(result), samples: Object.fromEntries(result.samples) }));
    await writeFile(json, `${JSON.stringify({ machine: about, quick, rows: content }, null, 2)}\n`);
  }
}

try {
  await run();
} finally {
  for (const end of ends.reverse()) await end();
}
