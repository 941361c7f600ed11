import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyForUser } from './copy-for-user.js';
import { permits } from './permits.js';
import type { Supervisor } from './supervisor.js';

/** What only a compiler needs: half of the size. */
const NOT_TO_RUN = ['obj.target', 'obj', '.deps', 'better-sqlite3/deps', 'better-sqlite3/src', '*.tsbuildinfo', '*.d.ts', '*.js.map'];

/**
 * A directory from which the ordinary user can run the worker: the repository itself, or, where it lies behind a directory that is
 * closed to that user, a copy of what the worker needs in the run directory.
 */
export async function stageProgram(supervisor: Supervisor, root: string): Promise<string> {
  const samples = ['package.json', 'dist/services/compute/cli.js', 'node_modules/.package-lock.json', 'bindings/package.json'];
  if (samples.every((file) => permits(supervisor.user, 'r', join(root, file)))) return root;
  const target = supervisor.path('program');
  await supervisor.run('mkdir', ['-p', target]);
  const own = ['package.json', 'dist/services', 'bindings/package.json', 'bindings/dist', 'bindings/build', 'bindings/prebuilds'];
  const paths = [...own, ...(await productionPackages(root))].filter((path) => existsSync(join(root, path)));
  await copyForUser(supervisor.user, root, paths, target, NOT_TO_RUN);
  return target;
}

/** The directories under node_modules that are not for development alone, by the lock file. */
async function productionPackages(root: string): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([path, entry]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !entry.dev)
    .map(([path]) => path);
}
