import { realLibvirtBench } from './real-libvirt.js';
import { rebuildContract } from './rebuild-contract.js';

rebuildContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
