import { realLibvirtBench } from './real-libvirt.js';
import { sightContract } from './sight-contract.js';

sightContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
