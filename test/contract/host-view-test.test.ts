import { hostViewContract } from './host-view-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

hostViewContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
