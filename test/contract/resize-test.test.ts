import { realLibvirtBench } from './real-libvirt.js';
import { resizeContract } from './resize-contract.js';

resizeContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
