import { spawnSync } from 'node:child_process';
import { spawnAs, type UserIdentity } from './ordinary-user.js';

/** Whether `user` may read ('r') or run ('x') the file, every directory above it included. */
export function permits(user: UserIdentity, what: 'r' | 'x', file: string): boolean {
  return spawnSync('test', [`-${what}`, file], { cwd: '/', ...spawnAs(user) }).status === 0;
}
