import type { TestContext } from 'node:test';
import { readApiLists } from '../../../generator/locate-lists.js';
import { makePlan, type Plan } from '../../../generator/plan.js';

/** The plan for the installed libvirt; the test is skipped when it is not the release whose numbers are known. */
export function planOf900(t: TestContext): Plan | undefined {
  const plan = makePlan(readApiLists());
  if (plan.version === '9.0.0') return plan;
  t.skip(`the numbers are those of libvirt 9.0.0, and here is ${plan.version}`);
  return undefined;
}
