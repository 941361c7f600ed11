import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import * as lxc from '@novalet/libvirt/lxc';
import * as qemu from '@novalet/libvirt/qemu';
import { encode } from './node-side.js';
import { withPythonSide, type Surface } from './python-side.js';

const python = withPythonSide({ after });
const modules = { libvirt, qemu, lxc } as unknown as Record<'libvirt' | 'qemu' | 'lxc', Record<string, unknown>>;

async function eachModule(
  look: (name: 'libvirt' | 'qemu' | 'lxc', there: Surface, here: Record<string, unknown>) => string[],
): Promise<string[]> {
  const surface = await python.surface();
  return (['libvirt', 'qemu', 'lxc'] as const).flatMap((name) => look(name, surface[name], modules[name]));
}

test('every constant of libvirt-python is here, with its value', async () => {
  const wrong = await eachModule((name, there, here) =>
    Object.entries(there.constants)
      .filter(([constant, value]) => JSON.stringify(encode(here[constant])) !== JSON.stringify(value))
      .map(([constant]) => `${name}.${constant}`),
  );
  assert.deepEqual(wrong, []);
});

test('every function of libvirt-python is here', async () => {
  const missing = await eachModule((name, there, here) =>
    there.functions.filter((one) => typeof here[one] !== 'function').map((one) => `${name}.${one}`),
  );
  assert.deepEqual(missing, []);
});

test('every method of libvirt-python’s classes is here', async () => {
  const missing = await eachModule((_, there, here) =>
    Object.entries(there.classes).flatMap(([name, methods]) => {
      const { prototype } = here[name] as { prototype: Record<string, unknown> };
      // The address of the C object is nobody's business here.
      return methods.filter((one) => one !== 'c_pointer' && typeof prototype[one] !== 'function').map((one) => `${name}.${one}`);
    }),
  );
  assert.deepEqual(missing, []);
});
