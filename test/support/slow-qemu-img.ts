import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../ops/private/wait-until.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

/** A qemu-img that takes a minute over everything, as a real one does over a large image. */
export interface SlowQemuImg {
  /** The value of PATH that finds it first. */
  readonly path: string;
  /** Resolves with its process, once one has been started. */
  started(): Promise<number>;
}

export async function slowQemuImg(t: TakeAway): Promise<SlowQemuImg> {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-slow-'));
  takeAwayAfter(t, () => rm(directory, { recursive: true }));
  await chmod(directory, 0o777); // a worker of another user begins
  const begun = join(directory, 'begun');
  const script = `#!/bin/sh\necho $$ > ${begun}.$$; mv ${begun}.$$ ${begun}\nexec sleep 60\n`;
  await writeFile(join(directory, 'qemu-img'), script);
  await chmod(join(directory, 'qemu-img'), 0o755);
  return {
    path: `${directory}:${process.env['PATH']}`,
    started: async () => Number(await waitUntil('qemu-img to begin', () => readFile(begun, 'utf8').catch(() => undefined))),
  };
}
