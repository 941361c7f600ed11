import { ImageCache } from '../../../../services/compute/images/image-cache.js';
import { UNMEASURED } from '../../../../services/compute/images/metrics.js';
import { ImageInfos } from '../../../../services/compute/virt/libvirt/image-info.js';

/** A process that fetches one image and says so: to be killed while it does. */
const [stateDir = '', host = '', url = ''] = process.argv.slice(2);
const bounds = { limitBytes: Infinity, maxImageBytes: Infinity, metrics: UNMEASURED, warn: () => {} };
const cache = new ImageCache({ stateDir, hosts: [host], infos: new ImageInfos(), ...bounds });
await cache.use({ url }, { what: 'image', signal: new AbortController().signal });
process.stdout.write('fetched');
