import { realLibvirtBench } from './real-libvirt.js';
import { verbsContract } from './verbs-contract.js';

verbsContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
