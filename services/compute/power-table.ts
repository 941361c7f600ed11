import { ComputeError } from '../common/errors.js';
import type { PowerState } from '../common/messages/power-state.js';

/** `act`: there is something to do. `nothing`: it is so already. Anything else: why not, and the way out; the precondition's words. */
type Rule = 'act' | 'nothing' | (string & {});

const WAIT = 'a start of it is under way; wait for its end';
const UNPAUSE = 'unpause it first';
const RESUME = 'resume it first';
const START = 'start it first';
const CRASHED = 'reboot it hard, or stop it';

/**
 * What each verb does in each power state; nova's table (check_instance_state in nova/compute/api.py), except that a verb whose end is
 * reached already succeeds, where nova refuses: a command may come twice.
 */
const TABLE = {
  start: { running: 'nothing', paused: UNPAUSE, shutdown: 'act', suspended: RESUME, crashed: CRASHED, pending: WAIT },
  startPaused: { running: 'nothing', paused: 'nothing', shutdown: 'act', suspended: RESUME, crashed: CRASHED, pending: WAIT },
  /** Drops the memory that was kept. */
  startAfresh: { running: 'nothing', paused: UNPAUSE, shutdown: 'act', suspended: 'act', crashed: CRASHED, pending: WAIT },
  stop: {
    running: 'act',
    paused: 'a paused guest cannot power itself off; unpause it first, or stop it with grace 0',
    shutdown: 'nothing',
    suspended: 'it is off already, with its memory kept; resume it first',
    crashed: 'act',
    pending: WAIT,
  },
  stopAtOnce: {
    running: 'act',
    paused: 'act',
    shutdown: 'nothing',
    suspended: 'it is off already, with its memory kept; resume it first',
    crashed: 'act',
    pending: 'act',
  },
  rebootSoft: {
    running: 'act',
    paused: 'unpause it first, or reboot it hard',
    shutdown: START,
    suspended: RESUME,
    crashed: CRASHED,
    pending: WAIT,
  },
  rebootHard: { running: 'act', paused: 'act', shutdown: 'act', suspended: 'act', crashed: 'act', pending: WAIT },
  pause: { running: 'act', paused: 'nothing', shutdown: START, suspended: RESUME, crashed: CRASHED, pending: WAIT },
  unpause: { running: 'nothing', paused: 'act', shutdown: START, suspended: RESUME, crashed: CRASHED, pending: WAIT },
  suspend: { running: 'act', paused: UNPAUSE, shutdown: START, suspended: 'nothing', crashed: CRASHED, pending: WAIT },
  resume: { running: 'nothing', paused: UNPAUSE, shutdown: START, suspended: 'act', crashed: CRASHED, pending: WAIT },
  resize: {
    running: 'act',
    paused: 'act',
    shutdown: 'act',
    suspended: 'its memory is kept with the sizes that it has; resume it first',
    crashed: CRASHED,
    pending: WAIT,
  },
  rebuild: { running: 'act', paused: UNPAUSE, shutdown: 'act', suspended: RESUME, crashed: CRASHED, pending: WAIT },
  rescue: { running: 'act', paused: UNPAUSE, shutdown: 'act', suspended: RESUME, crashed: CRASHED, pending: WAIT },
  /** Whatever the system in rescue is at ends with it. */
  unrescue: { running: 'act', paused: 'act', shutdown: 'act', suspended: 'act', crashed: 'act', pending: WAIT },
  attach: { running: 'act', paused: 'act', shutdown: 'act', suspended: RESUME, crashed: CRASHED, pending: WAIT },
  /** A guest that stands still lets go of nothing. */
  detach: { running: 'act', paused: UNPAUSE, shutdown: 'act', suspended: RESUME, crashed: CRASHED, pending: WAIT },
  setAdminPassword: { running: 'act', paused: UNPAUSE, shutdown: START, suspended: RESUME, crashed: CRASHED, pending: WAIT },
  quiesce: { running: 'act', paused: UNPAUSE, shutdown: START, suspended: RESUME, crashed: CRASHED, pending: WAIT },
  unquiesce: { running: 'act', paused: UNPAUSE, shutdown: START, suspended: RESUME, crashed: CRASHED, pending: WAIT },
  snapshot: {
    running: 'act',
    paused: 'act',
    shutdown: 'act',
    suspended: 'its disks belong to the memory that is kept; resume it and stop it first',
    crashed: 'stop it first',
    pending: WAIT,
  },
  setMetadata: { running: 'act', paused: 'act', shutdown: 'act', suspended: 'act', crashed: 'act', pending: 'act' },
} satisfies Record<string, Record<PowerState, Rule>>;

export type PowerRule = keyof typeof TABLE;

/**
 * Whether there is something to do.
 * @throws ComputeError precondition that says which state the instance is in, and what to do about it
 */
export function mustAct(rule: PowerRule, powerState: PowerState, what: string): boolean {
  const verdict: Rule = TABLE[rule][powerState];
  if (verdict === 'act' || verdict === 'nothing') return verdict === 'act';
  throw new ComputeError('precondition', `${what}: the instance is ${powerState}; ${verdict}`);
}
