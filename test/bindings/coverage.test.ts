import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as libvirt from '@novalet/libvirt';
import * as lxc from '@novalet/libvirt/lxc';
import * as qemu from '@novalet/libvirt/qemu';
import { planOf900 } from '../generator/support/installed-plan.js';

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

test('what the coverage says is offered can be called, and what nobody offers cannot', (t) => {
  const plan = planOf900(t);
  if (!plan) return;
  const modules: Readonly<Record<string, object>> = { libvirt, qemu, lxc };
  const there = (module: string, name: string): boolean => {
    const [first = '', method] = name.split('.');
    const found: unknown = Reflect.get(modules[module] as object, first);
    if (method === undefined) return found !== undefined;
    return typeof found === 'function' && method in (found.prototype as object);
  };
  const rows = plan.rows.filter((row) => row.kind !== 'callback');
  const missing = rows.filter((row) => row.by !== 'nobody' && !there(row.module, row.kind === 'function' ? (row.python ?? '') : row.name));
  assert.deepEqual(
    missing.map((row) => row.name),
    [],
  );
  const refused = new Set(['virDomainLxcEnterNamespace', 'virDomainLxcEnterSecurityLabel']);
  for (const name of refused) assert.ok(!there('lxc', name.replace('virDomainLxcEnter', 'lxcEnter')));
});

test('the README shows the totals of the coverage as they are', (t) => {
  if (!planOf900(t)) return;
  const { stdout } = spawnSync(process.execPath, [file('dist/generator/coverage.js')], { encoding: 'utf8', maxBuffer: 1 << 24 });
  const totals = stdout.slice(stdout.indexOf('\nmodule ') + 1).trimEnd();
  assert.match(totals, /^454 offered of the 457 functions/m);
  assert.ok(readFileSync(file('bindings/README.md'), 'utf8').includes(`\`\`\`text\n${totals}\n\`\`\``), totals);
});
