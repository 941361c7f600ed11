import { realLibvirtBench } from './real-libvirt.js';
import { sightContract } from './sight-contract.js';

sightContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
