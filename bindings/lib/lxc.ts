/** libvirt-lxc: functions for the LXC driver alone. */
import './api.js'; // the classes of the objects that these functions take

export * from '../generated/lxc-functions.js';
export * from './by-hand/lxc-functions.js';
