import { realLibvirtBench } from './real-libvirt.js';
import { rebuildContract } from './rebuild-contract.js';

rebuildContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
