import { Child } from './child.js';

/** What virNodeDevice has besides the generated methods. */
export abstract class virNodeDeviceByHand extends Child {}
