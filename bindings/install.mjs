// Run by npm when the package is installed: the prebuilt addon where it fits this machine, else one built from the sources that came with it.
import { createRequire } from 'node:module';
import process from 'node:process';

const require = createRequire(import.meta.url);

/** Why the prebuilt addon cannot be used here; null when it can. */
function whyNotPrebuilt() {
  if (process.env.npm_config_build_from_source) return 'npm was told to build from source';
  try {
    require('node-gyp-build')(import.meta.dirname);
    return null;
  } catch (error) {
    return error.message.split('\n')[0];
  }
}

const why = whyNotPrebuilt();
if (why !== null) {
  process.stdout.write(`@novalet/libvirt: building the addon, because: ${why}\n`);
  await import('./build-addon.mjs');
}
