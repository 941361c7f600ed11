/** Writes the package @novalet/libvirt as npm would publish it. usage: npm run pack [-- FOLDER] */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { stagePackage } from './stage.js';

const destination = resolve(process.argv[2] ?? '.cache/package');
await mkdir(destination, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'novalet-package-'));
try {
  await stagePackage(folder);
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', destination], { cwd: folder });
  const [packed] = JSON.parse(stdout) as [{ filename: string; entryCount: number; unpackedSize: number }];
  console.log(`${join(destination, packed.filename)}: ${packed.entryCount} files, ${(packed.unpackedSize / 1e6).toFixed(1)} MB unpacked`);
} finally {
  await rm(folder, { recursive: true });
}
