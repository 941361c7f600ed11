import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { ApiList, ModuleName } from './api-list.js';
import { parseApiList } from './parse.js';

/** Where each list's path is kept: a variable of a pkg-config package. */
const PKG_CONFIG: Readonly<Record<ModuleName, { variable: string; package: string }>> = {
  libvirt: { variable: 'libvirt_api', package: 'libvirt' },
  qemu: { variable: 'libvirt_qemu_api', package: 'libvirt-qemu' },
  lxc: { variable: 'libvirt_lxc_api', package: 'libvirt-lxc' },
};

const MODULES: readonly ModuleName[] = ['libvirt', 'qemu', 'lxc'];

export type ListPaths = Readonly<Partial<Record<ModuleName, string>>>;

/**
 * Read the three lists: from the given paths, else from where the installed libvirt-dev keeps them.
 * @throws Error that names what is missing and the Debian package that brings it
 */
export function readApiLists(paths: ListPaths = {}): ApiList[] {
  return MODULES.map((module) => {
    const path = paths[module] ?? installedListPath(module);
    return parseApiList(module, readList(path), path);
  });
}

function readList(path: string): string {
  if (!existsSync(path))
    throw new Error(`libvirt's API list ${path} is not there: install libvirt-dev (Debian: apt-get install libvirt-dev)`);
  return readFileSync(path, 'utf8');
}

/** @param run stands in for pkg-config in tests */
export function installedListPath(module: ModuleName, run: (args: readonly string[]) => string = runPkgConfig): string {
  const { variable, package: name } = PKG_CONFIG[module];
  let path: string;
  try {
    path = run([`--variable=${variable}`, name]).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error(
        'pkg-config is not installed, and it tells where the API lists of libvirt are (Debian: apt-get install pkg-config libvirt-dev)',
        {
          cause: error,
        },
      );
    }
    throw new Error(`pkg-config does not know ${name}: install libvirt-dev (Debian: apt-get install libvirt-dev)`, { cause: error });
  }
  if (path === '') throw new Error(`pkg-config has no variable ${variable} for ${name}: this libvirt-dev brings no API list`);
  return path;
}

/** The environment may name another pkg-config, as it may for other builds. */
function runPkgConfig(args: readonly string[]): string {
  return execFileSync(process.env['PKG_CONFIG'] ?? 'pkg-config', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
