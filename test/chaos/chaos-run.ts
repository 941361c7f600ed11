import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JobOptions } from './job.js';
import type { DoorChoice, DriverKind } from './plan.js';
import type { SeedReport } from './run-seed.js';

export interface ChaosOptions {
  readonly driver: DriverKind;
  readonly doors: DoorChoice;
  readonly seeds: readonly number[];
  readonly jobs: number;
  /** Where timelines and logs of failed seeds go. */
  readonly keepIn: string;
  readonly told: (report: SeedReport) => void;
  /** Aborted: what is being played is played to its end, and nothing more. */
  readonly wanted?: AbortSignal;
}

const JOB = fileURLToPath(new URL('./job.js', import.meta.url));
/** A mount namespace of one's own ends with its last process, and the small disk in it, too. */
const UNSHARE = ['unshare', '--mount', '--propagation', 'private'];

export const canMount = (): boolean => spawnSync(UNSHARE[0] ?? '', [...UNSHARE.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

/** Plays the seeds, each on one of `jobs` grounds. */
export async function chaosRun({ driver, doors, seeds, jobs, keepIn, told, wanted }: ChaosOptions): Promise<SeedReport[]> {
  const left = [...seeds];
  const reports: SeedReport[] = [];
  const ownMounts = canMount();
  const work = async (): Promise<void> => {
    const job = startJob({ driver, doors, ownMounts, keepIn });
    const ended = once(job, 'exit');
    const failed = ended.then(([code]) => Promise.reject(new Error(`a job of the chaos run ended with ${String(code)}`)));
    failed.catch(() => {});
    for (let seed = left.shift(); seed !== undefined && !wanted?.aborted; seed = left.shift()) {
      const answer = once(job, 'message') as Promise<[SeedReport]>;
      job.send({ seed });
      const [report] = await Promise.race([answer, failed]);
      reports.push(report);
      told(report);
    }
    job.disconnect();
    await ended;
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds.length) }, work));
  return reports;
}

function startJob(options: JobOptions): ChildProcess {
  const command = [...(options.ownMounts ? UNSHARE : []), process.execPath, '--enable-source-maps', JOB, JSON.stringify(options)];
  return spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}
