import { driverContract } from './driver-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

driverContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
