import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { takeAwayAfter, type TakeAway } from '../../support/take-away.js';

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL('../../../../test/bindings/support/', import.meta.url));

/** Compiles a C file into a library that stands before all others: the value of LD_PRELOAD for it, with what is preloaded already. */
export async function preloaded(t: TakeAway, source: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'novalet-preload-'));
  takeAwayAfter(t, () => rm(folder, { recursive: true }));
  const library = path.join(folder, 'preload.so');
  await run('gcc', ['-shared', '-fPIC', '-Wall', '-Werror', path.join(SOURCES, source), '-o', library]);
  return [process.env['LD_PRELOAD'] ?? '', library].join(' ').trim();
}

/**
 * Compiles a C file into a folder's libvirt.so.0, which has the file's functions and, for all others, the real libvirt. A process with that
 * folder as LD_LIBRARY_PATH calls it. Null where libvirt's headers are not installed.
 */
export async function standBeforeLibvirt(t: TakeAway, source: string): Promise<string | null> {
  if (!existsSync('/usr/include/libvirt/libvirt.h')) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'novalet-libvirt-'));
  takeAwayAfter(t, () => rm(folder, { recursive: true }));
  const { stdout } = await run('g++', ['-print-file-name=libvirt.so']);
  const real = await realpath(stdout.trim());
  // Linked against a stand-in that bears the real library's path as its name: by its own name the loader would take this one for it.
  const standIn = path.join(folder, 'stand-in.so');
  await run('gcc', ['-shared', '-fPIC', '-x', 'c', '/dev/null', `-Wl,-soname,${real}`, '-o', standIn]);
  const flags = ['-shared', '-fPIC', '-Wall', '-Werror', '-Wno-cast-function-type', '-Wl,--no-as-needed'];
  await run('gcc', [...flags, path.join(SOURCES, source), standIn, '-o', path.join(folder, 'libvirt.so.0')]);
  return folder;
}
