import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { spawnAs, type UserIdentity } from './ordinary-user.js';

/**
 * Copies files and directories (`paths`, relative to `from`) to the existing directory `to`. We read, `user` writes: it may be unable to
 * read the one, and we keep our hands off a directory of another's.
 */
export async function copyForUser(
  user: UserIdentity,
  from: string,
  paths: readonly string[],
  to: string,
  leaveOut: readonly string[] = [],
): Promise<void> {
  const exclusions = leaveOut.map((pattern) => `--exclude=${pattern}`);
  const reader = spawn('tar', ['-C', from, ...exclusions, '-cf', '-', '--', ...paths], { stdio: ['ignore', 'pipe', 'inherit'] });
  const writer = spawn('tar', ['-C', to, '--no-same-owner', '-xf', '-'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    cwd: '/',
    ...spawnAs(user),
  });
  const [[readerCode], [writerCode]] = (await Promise.all([
    once(reader, 'exit'),
    once(writer, 'exit'),
    pipeline(reader.stdout, writer.stdin),
  ])) as [[number | null], [number | null], void];
  if (readerCode !== 0 || writerCode !== 0) throw new Error(`copying ${paths.join(', ')} from ${from} to ${to} failed`);
}
