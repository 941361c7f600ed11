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

const options = JSON.parse(process.argv[2] ?? '{}') as JobOptions;
let ground: Ground | undefined;
let turn: Promise<void> = Promise.resolve();

async function play(seed: number): Promise<SeedReport> {
  ground ??= await Ground.open(options);
  try {
    const report = await runSeed(ground, seed);
    if (report.wrongs.length > 0) await keep(ground, report);
    return report;
  } catch (error) {
    const words = `the run itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    const report = { seed, wrongs: [words], commands: 0, faults: [], deaths: [], seconds: 0 };
    await keep(ground, report);
    return report;
  }
}

/** The ground of a failed seed is not played on again. */
async function keep(failed: Ground, { seed, wrongs }: SeedReport): Promise<void> {
  const directory = join(options.keepIn, `${failed.driver}-${seed}`);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'wrong.txt'), `${wrongs.join('\n')}\n`);
  await writeFile(join(directory, 'timeline.txt'), failed.timeline.text());
  const logs = [...failed.worker.logs, failed.supervisor.path('v.log'), failed.supervisor.path('rabbitmq.log')];
  for (const log of logs) await copyFile(log, join(directory, basename(log))).catch(() => {});
  ground = undefined;
  await failed.close();
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
