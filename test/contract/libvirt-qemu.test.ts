import { driverContract } from './driver-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

driverContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
