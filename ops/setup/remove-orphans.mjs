// Removes what was compiled from a source that is gone: the compiler leaves it, and the test runner would run it.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUTS = {
  'dist/generator': 'generator',
  'dist/services': 'services',
  'dist/ops': 'ops',
  'dist/test': 'test',
  'dist/examples': 'bindings/examples',
  'bindings/dist': 'bindings',
};
const COMPILED = /(\.d\.ts|\.js)(\.map)?$/;

for (const [output, sources] of Object.entries(OUTPUTS)) {
  if (!existsSync(output)) continue;
  for (const file of readdirSync(output, { recursive: true })) {
    if (COMPILED.test(file) && !existsSync(join(sources, file.replace(COMPILED, '.ts')))) rmSync(join(output, file));
  }
}
