/** One process of a chaos run, started by chaos-run.ts: its own broker, libvirtd and worker, and the seeds that it is handed by IPC. */
import { mkdir, copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Ground, type GroundOptions } from './ground.js';
import { runSeed, type SeedReport } from './run-seed.js';

export interface JobOrder {
  readonly seed: number;
}
export interface JobOptions extends GroundOptions {
  /** Where timelines and logs of failed seeds go. */
  readonly keepIn: string;
}

/** Somebody waited for something: worth a look. */
const SLOW_SECONDS = 25;

const options = JSON.parse(process.argv[2] ?? '{}') as JobOptions;
let ground: Ground | undefined;
let turn: Promise<void> = Promise.resolve();

async function play(seed: number): Promise<SeedReport> {
  ground ??= await Ground.open(options);
  try {
    const report = await runSeed(ground, seed);
    if (report.wrongs.length > 0) await keep(ground, report);
    else if (report.seconds > SLOW_SECONDS) await copyLogs(ground, seed);
    return report;
  } catch (error) {
    const words = `the run itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    const report = { seed, wrongs: [words], commands: 0, faults: [], deaths: [], seconds: 0, resumed: 0 };
    await keep(ground, report);
    return report;
  }
}

/** The ground of a failed seed is not played on again. */
async function keep(failed: Ground, { seed, wrongs }: SeedReport): Promise<void> {
  const directory = await copyLogs(failed, seed);
  await writeFile(join(directory, 'wrong.txt'), `${wrongs.join('\n')}\n`);
  ground = undefined;
  await failed.close();
}

/** Where they are. */
async function copyLogs({ driver, timeline, worker, supervisor }: Ground, seed: number): Promise<string> {
  const directory = join(options.keepIn, `${driver}-${seed}`);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'timeline.txt'), timeline.text());
  const logs = [...worker.logs, supervisor.path('v.log'), supervisor.path('rabbitmq.log')];
  for (const log of logs) await copyFile(log, join(directory, basename(log))).catch(() => {});
  return directory;
}

process.on('message', ({ seed }: JobOrder) => {
  turn = turn.then(async () => void process.send?.(await play(seed)));
});
process.once('disconnect', () => {
  void turn.then(async () => {
    await ground?.close();
    process.exit(0);
  });
});
