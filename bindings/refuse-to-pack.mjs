// Run by `npm pack` in this folder. What is built here has libvirt's own descriptions in it, which are under another licence than ours.
import process from 'node:process';

process.stderr.write(
  '@novalet/libvirt is not packed from its sources: "npm run pack", in the folder above, writes the package that can be given away.\n',
);
process.exit(1);
