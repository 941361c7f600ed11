import { calledOffContract } from './called-off-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

calledOffContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
