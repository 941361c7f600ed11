import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Bring a folder to hold exactly these files. A file that is the same already is not touched, so that what is
 * built from it is not built again. A file that an earlier run left and this one does not write is removed.
 * @returns the number of files that changed
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): number {
  let changed = 0;
  for (const [path, text] of files) {
    const target = join(folder, path);
    if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
    mkdirSync(dirname(target), { recursive: true });
    const unfinished = `${target}.tmp`;
    writeFileSync(unfinished, text);
    renameSync(unfinished, target); // whole or not at all, also when the build is interrupted
    changed++;
  }
  for (const path of generatedFiles(folder)) {
    if (files.has(relative(folder, path))) continue;
    rmSync(path);
    changed++;
  }
  return changed;
}

const MARK = "// Written by novalet's generator ";

/** The files under a folder that this program wrote. */
function generatedFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|inc)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path, 'utf8').startsWith(MARK));
}
