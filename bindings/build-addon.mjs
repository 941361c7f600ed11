// Builds the addon into build/Release (with --asan: asan/build/Release, under AddressSanitizer). Does nothing when neither the
// sources, the generated rows, this Node's headers nor the flags have changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const bindings = import.meta.dirname;
const asan = process.argv.includes('--asan');
const folder = asan ? path.join(bindings, 'asan') : bindings;
const addon = path.join(folder, 'build', 'Release', 'novalet_libvirt.node');
const stamp = path.join(folder, 'build', 'sources.sha256');

function fail(message) {
  process.stderr.write(`build-addon: ${message}\n`);
  process.exit(1);
}

/** Where node_api.h of the running Node lies: headers are never downloaded. */
function headersOfRunningNode() {
  const prefix = path.dirname(path.dirname(realpathSync(process.execPath)));
  for (const nodedir of [prefix, process.env.npm_config_nodedir].filter(Boolean)) {
    if (existsSync(path.join(nodedir, 'include', 'node', 'node_api.h'))) return nodedir;
  }
  return fail(
    `${prefix}/include/node/node_api.h is not there. The headers of the running Node (${process.version}) come with Node's own downloads ` +
      `and with NodeSource's package "nodejs"; Debian's own Node has them in the package "libnode-dev".`,
  );
}

const TOOLS = { 'g++': 'g++', make: 'make', python3: 'python3' };

function requireTools() {
  const missing = Object.keys(TOOLS).filter((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error);
  if (missing.length === 0) return;
  fail(`missing: ${missing.join(', ')}. Debian and Ubuntu: apt-get install ${missing.map((tool) => TOOLS[tool]).join(' ')}`);
}

function* filesBelow(directory, keep) {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && keep(file)) yield file;
  }
}

function fingerprint(nodedir) {
  const generated = path.join(bindings, 'generated');
  if (!existsSync(path.join(generated, 'rows_libvirt.inc'))) {
    fail('generated/rows_libvirt.inc is not there: run the generator first (npm run build does both)');
  }
  const inputs = [
    ...filesBelow(path.join(bindings, 'src'), () => true),
    ...filesBelow(generated, (file) => file.endsWith('.inc')),
    path.join(bindings, 'addon.gypi'),
    path.join(folder, 'binding.gyp'),
  ].sort();
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([process.version, process.arch, nodedir, createRequire(import.meta.url)('node-addon-api/package.json').version]),
  );
  for (const file of inputs)
    hash
      .update(`${path.relative(bindings, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

/** Holds src/abi.h against libvirt's own headers, where those are. */
function checkAbi() {
  if (!existsSync('/usr/include/libvirt/libvirt.h')) return;
  run('g++', ['-std=c++17', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', path.join('src', 'abi_check.cc')], bindings);
}

function run(command, args, cwd, environment = process.env) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', env: environment });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  fail(`${path.basename(command)} ${path.basename(args[0] ?? '')} failed${result.error ? `: ${result.error.message}` : ''}`);
}

/** This repository's own node-gyp; where the package is installed alone, the one that npm has. */
function nodeGyp() {
  try {
    return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  } catch {
    return process.env.npm_config_node_gyp ?? fail('node-gyp is not there: install the package with npm, which brings it');
  }
}

const nodedir = headersOfRunningNode();
const wanted = fingerprint(nodedir);
if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit(0);

requireTools();
checkAbi();
const started = Date.now();
run(process.execPath, [nodeGyp(), 'configure', 'build', '--release', '--jobs', 'max', '--nodedir', nodedir], folder);
mkdirSync(path.dirname(stamp), { recursive: true });
writeFileSync(stamp, wanted);
process.stdout.write(`addon${asan ? ' (AddressSanitizer)' : ''} built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
