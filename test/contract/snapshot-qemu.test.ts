import { realLibvirtBench } from './real-libvirt.js';
import { snapshotContract } from './snapshot-contract.js';

snapshotContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
