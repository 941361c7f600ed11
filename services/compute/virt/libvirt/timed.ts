import { ComputeError } from '../../../common/errors.js';
import type { Step, StepListener } from '../../ports.js';

/** Does one step, tells how long it took when it is done, and names it in the error when it fails. */
export async function timed<T>(step: Step, onStep: StepListener, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    const result = await run();
    onStep(step, (performance.now() - started) / 1000);
    return result;
  } catch (error) {
    if (!(error instanceof ComputeError) || error.details.step !== undefined) throw error;
    throw new ComputeError(error.kind, error.message, { ...error.details, step }, { cause: error.cause });
  }
}
