import { execFile, spawn } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { takeAwayAfter, type TakeAway } from '../support/take-away.js';

export const run = promisify(execFile);
const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

export async function withFolder(t: TakeAway): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'novalet-package-')));
  takeAwayAfter(t, () => rm(folder, { recursive: true }));
  return folder;
}

/** A folder for PATH with npm and the few programs that it cannot do without: no compiler, no pkg-config. */
export async function barePath(t: TakeAway): Promise<string> {
  const folder = await withFolder(t);
  for (const program of ['sh', 'env', 'uname']) await symlink(join('/usr/bin', program), join(folder, program));
  const { stdout: npm } = await run('sh', ['-c', 'command -v npm']);
  await symlink(npm.trim(), join(folder, 'npm'));
  await symlink(process.execPath, join(folder, 'node'));
  return folder;
}

/** A project that has the package as its only dependency; what that needs comes from here, so that no registry is asked. */
export async function project(t: TakeAway, tarball: string): Promise<string> {
  const folder = await withFolder(t);
  const helpers = Object.fromEntries(['node-addon-api', 'node-gyp-build'].map((name) => [name, `file:${modules}${name}`]));
  const overrides = Object.fromEntries(Object.keys(helpers).map((name) => [name, `$${name}`]));
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { '@novalet/libvirt': `file:${tarball}`, ...helpers },
    overrides,
    allowScripts: { '@novalet/libvirt': true },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

/** npm install, with what npm and the package's own script say. */
export async function install(folder: string, environment: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }> {
  const child = spawn(
    process.execPath,
    [await npmProgram(), 'install', '--offline', '--no-audit', '--no-fund', '--foreground-scripts', '--install-links'],
    { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [said, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, said: said + errors };
}

async function npmProgram(): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v npm']);
  return realpath(stdout.trim());
}

const PROGRAM = `
import { open } from '@novalet/libvirt';
const conn = await open('test:///default');
console.log((await conn.listAllDomains()).map((domain) => domain.name()).join());
await conn.close();`;

/** What a small program prints that uses the package. */
export async function useIt(folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM], { cwd: folder, env: environment });
  return stdout.trim();
}
