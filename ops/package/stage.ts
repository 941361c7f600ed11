import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const bindings = join(root, 'bindings');

/** What the package holds besides the compiled code: what an addon is built from, and what people read. */
const SOURCES = ['src', 'addon.gypi', 'binding.gyp', 'build-addon.mjs', 'install.mjs', 'examples'];
/** The files for reading, and where they are here. */
const READING = { 'README.md': 'bindings/README.md', 'porting-from-libvirt-python.md': 'docs/porting-from-libvirt-python.md' };
const FILES = [
  'dist',
  '!dist/**/*.map',
  '!dist/*.tsbuildinfo',
  'prebuilds',
  'generated/*.inc',
  ...SOURCES,
  '!examples/tsconfig.json',
  ...Object.keys(READING),
  'LICENSE',
];

/**
 * Lays the package @novalet/libvirt out in an empty folder, ready for `npm pack`: compiled code with short documentation (libvirt's own text
 * is under another licence than ours, and is not given away), the addon as it was built here, and what it is built from where that one
 * does not fit.
 * @param generatorOptions such as --libvirt-api PATH, for another list than the installed one
 */
export async function stagePackage(folder: string, generatorOptions: readonly string[] = []): Promise<void> {
  for (const name of SOURCES) await cp(join(bindings, name), join(folder, name), { recursive: true });
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  for (const [name, path] of Object.entries(READING)) {
    await writeFile(join(folder, name), withLinksOfThePackage(await readFile(join(root, path), 'utf8')));
  }
  await writePackageJson(folder);
  await generateAndCompile(folder, generatorOptions);
  await prebuild(folder);
}

/** Links between the files for reading lead to their places in the package; others, out of it, become plain text. */
function withLinksOfThePackage(text: string): string {
  let linked = text;
  for (const [name, path] of Object.entries(READING)) linked = linked.replaceAll(`](../${path}`, `](${name}`);
  return linked.replace(/\[([^\]]*)\]\(\.\.\/[^)]*\)/g, '$1');
}

async function generateAndCompile(folder: string, generatorOptions: readonly string[]): Promise<void> {
  await run(process.execPath, [
    join(root, 'dist/generator/cli.js'),
    '--docs=short',
    '--out',
    join(folder, 'generated'),
    ...generatorOptions,
  ]);
  await cp(join(bindings, 'lib'), join(folder, 'lib'), { recursive: true });
  const options = {
    rootDir: folder,
    outDir: join(folder, 'dist'),
    composite: false,
    sourceMap: false,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: options,
    include: [`${folder}/lib/**/*.ts`, `${folder}/generated/**/*.ts`],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(folder, 'tsconfig.json')]);
}

/** The addon needs Node-API alone, and opens libvirt when it runs: one binary for a system and a processor. */
async function prebuild(folder: string): Promise<void> {
  const directory = join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
  await mkdir(directory, { recursive: true });
  const addon = join(directory, 'node.napi.glibc.node');
  await run('strip', ['--strip-unneeded', '-o', addon, join(bindings, 'build/Release/novalet_libvirt.node')]);
}

async function writePackageJson(folder: string): Promise<void> {
  const { private: _, ...manifest } = JSON.parse(await readFile(join(bindings, 'package.json'), 'utf8')) as Record<string, unknown>;
  const published = { ...manifest, os: ['linux'], files: FILES, scripts: { install: 'node install.mjs' } };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
}
