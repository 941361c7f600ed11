import { realLibvirtBench } from './real-libvirt.js';
import { verbsContract } from './verbs-contract.js';

verbsContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
