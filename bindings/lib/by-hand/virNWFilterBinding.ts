import { Child } from './child.js';

/** What virNWFilterBinding has besides the generated methods. */
export abstract class virNWFilterBindingByHand extends Child {}
