import { realLibvirtBench } from './real-libvirt.js';
import { snapshotContract } from './snapshot-contract.js';

snapshotContract('libvirt, test driver behind a daemon', () => realLibvirtBench('test'));
