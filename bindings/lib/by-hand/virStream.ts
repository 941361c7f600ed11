import { Child } from './child.js';

/** What virStream has besides the generated methods. */
export abstract class virStreamByHand extends Child {}
