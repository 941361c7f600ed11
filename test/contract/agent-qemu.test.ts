import { agentContract } from './agent-contract.js';
import { realLibvirtBench } from './real-libvirt.js';

agentContract('libvirt, QEMU guests', () => realLibvirtBench('qemu'));
