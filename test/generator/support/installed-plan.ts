import type { TestContext } from 'node:test';
import { readApiLists } from '../../../generator/locate-lists.js';
import { makePlan, type Plan } from '../../../generator/plan.js';

let made: Plan | undefined;

/** The plan for the installed libvirt; the test is skipped when it is not the release whose numbers are known. */
export function planOf900(t: TestContext): Plan | undefined {
  made ??= makePlan(readApiLists());
  if (made.version === '9.0.0') return made;
  t.skip(`the numbers are those of libvirt 9.0.0, and here is ${made.version}`);
  return undefined;
}
