import { calledOffContract } from './called-off-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

calledOffContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
