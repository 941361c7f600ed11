/** A binding generated from an older libvirt's list, made from the installed one. */
import assert from 'node:assert/strict';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installedListPath } from '../../generator/locate-lists.js';
import { stagePackage } from '../../ops/package/stage.js';
import { useIt, withFolder } from './support.js';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const NEWEST = [7, 0, 0];

function isNewer(version: string): boolean {
  const parts = version.split('.').map(Number);
  const at = NEWEST.findIndex((part, i) => part !== (parts[i] ?? 0));
  return at >= 0 && (parts[at] ?? 0) > (NEWEST[at] as number);
}

/** The list without what came later, and, as lists were then, without a word of when anything came. */
function asItWas(list: string): string {
  const drop = (whole: string, version: string): string => (isNewer(version) ? '' : whole);
  return list
    .replace(/<(function|functype) [^>]*?version='([\d.]+)'[^>]*>.*?<\/\1>\s*/gs, (whole: string, _tag: string, version: string) =>
      drop(whole, version),
    )
    .replace(/<(?:enum|macro) [^>]*?version='([\d.]+)'[^>]*?(?:\/>|>.*?<\/macro>)\s*/gs, drop)
    .replace(/ version='[\d.]+'/g, '')
    .replace("raw='9000000'", "raw='7000000'");
}

test('an older list, without releases and with fewer functions, gives a binding that works', async (t) => {
  const folder = await withFolder(t);
  const list = join(folder, 'libvirt-api.xml');
  const installed = await readFile(installedListPath('libvirt'), 'utf8');
  const older = asItWas(installed);
  assert.ok(installed.includes("<function name='virDomainFDAssociate'") && !older.includes("<function name='virDomainFDAssociate'"));
  assert.ok(older.includes("<function name='virDomainCreate'") && !/ version='/.test(older));
  await writeFile(list, older);
  const stage = join(folder, 'package');
  await stagePackage(stage, ['--libvirt-api', list]);
  const generated = await readFile(join(stage, 'generated/classes/virDomain.ts'), 'utf8');
  assert.match(generated, /\* virDomainCreate \{@link/);
  assert.doesNotMatch(generated, /since libvirt/);
  // The package as if it were installed.
  await symlink(modules, join(folder, 'node_modules'));
  assert.equal(await useIt(stage, { PATH: process.env['PATH'] }), 'test');
});
