import { plugContract } from './plug-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

plugContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
