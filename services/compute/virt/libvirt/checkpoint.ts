import type { Step } from '../../ports.js';

/** Awaited after each step of a command; tests stop here for good, as SIGKILL would. */
export type Checkpoint = (step: Step, id: string) => Promise<void>;
