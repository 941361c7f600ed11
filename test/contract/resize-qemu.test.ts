import { realLibvirtBench } from './real-libvirt.js';
import { resizeContract } from './resize-contract.js';

resizeContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
