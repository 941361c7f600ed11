import { plugContract } from './plug-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

plugContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
