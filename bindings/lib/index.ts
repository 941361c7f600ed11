/**
 * libvirt for Node. Names, arguments and results are those of libvirt-python; whatever may reach a daemon returns a promise.
 * @packageDocumentation
 */
import * as libvirt from './api.js';

export * from './api.js';
/** The whole module as one object, for `import libvirt from '@novalet/libvirt'`. */
export default libvirt;
