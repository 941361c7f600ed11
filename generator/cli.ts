import { parseArgs } from 'node:util';
import { generate } from './generate.js';
import { readApiLists, type ListPaths } from './locate-lists.js';
import { writeFiles } from './write-files.js';

const USAGE = `usage: node dist/generator/cli.js --out FOLDER [--docs=full|short] [--libvirt-api PATH] [--qemu-api PATH] [--lxc-api PATH]

Writes the generated part of the libvirt binding from libvirt's own API lists.
  --docs=full    libvirt's whole description at every method (the default)
  --docs=short   C name, release and link only, for packages that are given to others
Lists that are not given are those of the installed libvirt-dev.`;

function main(): void {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      docs: { type: 'string', default: 'full' },
      'libvirt-api': { type: 'string' },
      'qemu-api': { type: 'string' },
      'lxc-api': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.out === undefined) throw new Error(`--out is missing\n${USAGE}`);
  if (values.docs !== 'full' && values.docs !== 'short') throw new Error(`--docs is "${values.docs}", and can be full or short`);
  const paths: ListPaths = {
    ...(values['libvirt-api'] !== undefined && { libvirt: values['libvirt-api'] }),
    ...(values['qemu-api'] !== undefined && { qemu: values['qemu-api'] }),
    ...(values['lxc-api'] !== undefined && { lxc: values['lxc-api'] }),
  };
  const { plan, files } = generate(readApiLists(paths), values.docs);
  const constants = plan.constants.filter(({ row }) => row.by === 'generated').length;
  const changed = writeFiles(values.out, files);
  console.log(
    `libvirt ${plan.version}: ${plan.functions.length} functions and ${constants} constants generated; ` +
      `${files.size} files in ${values.out}, ${changed === 0 ? 'none changed' : `${changed} changed`}`,
  );
}

try {
  main();
} catch (error) {
  console.error(`generator: ${(error as Error).message}`);
  process.exitCode = 1;
}
