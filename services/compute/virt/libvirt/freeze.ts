import { ComputeError } from '../../../common/errors.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { withJobProgress } from './job-progress.js';
import {
  type Domain,
  VIR_DOMAIN_PMSUSPENDED,
  VIR_DOMAIN_SAVE_BYPASS_CACHE,
  VIR_DOMAIN_START_AUTODESTROY,
  VIR_DOMAIN_START_BYPASS_CACHE,
} from './libvirt-calls.js';
import { libvirtCode, VIR_ERR_OPERATION_INVALID } from './libvirt-failure.js';
import { startGuest } from './start.js';

/** The guest's processors stand still; its memory stays where it is. */
export function pause(changing: Changing): Promise<InstanceState> {
  const { id } = changing;
  return changing.run({
    name: 'pause',
    mustAct: ({ own }) => mustAct('pause', own.powerState, `pause ${id}`),
    act: ({ own: { domain } }) => changing.step('pause', () => callGuest(changing, 'virDomainSuspend', () => domain.suspend())),
    leadsTo: ['paused'],
  });
}

export function unpause(changing: Changing): Promise<InstanceState> {
  const { id } = changing;
  return changing.run({
    name: 'unpause',
    whileRescued: true,
    mustAct: ({ own }) => mustAct('unpause', own.powerState, `unpause ${id}`),
    act: ({ own: { domain } }) => changing.step('unpause', () => wake(changing, domain)),
    leadsTo: ['running'],
  });
}

/** Memory to disk, and off: a managed save of libvirt's, from which the next start goes on. Writing it takes as long as it takes. */
export function suspend(changing: Changing, { bypassCache }: { readonly bypassCache: boolean }): Promise<InstanceState> {
  const { id } = changing;
  const flags = bypassCache ? VIR_DOMAIN_SAVE_BYPASS_CACHE : 0;
  return changing.run({
    name: 'suspend',
    mustAct: ({ own }) => mustAct('suspend', own.powerState, `suspend ${id}`),
    act: ({ own: { domain } }) =>
      changing.step('suspend', () =>
        withJobProgress(changing, 'suspend', () => callGuest(changing, 'virDomainManagedSave', () => domain.managedSave(flags), Infinity)),
      ),
    leadsTo: ['suspended'],
  });
}

export function resume(changing: Changing, { bypassCache }: { readonly bypassCache: boolean }): Promise<InstanceState> {
  const { id } = changing;
  const cache = bypassCache ? VIR_DOMAIN_START_BYPASS_CACHE : 0;
  return changing.run({
    name: 'resume',
    mustAct: ({ own }) => mustAct('resume', own.powerState, `resume ${id}`),
    act: ({ own, journal }) => startGuest(changing, own.domain, cache | (journal.desired.autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0)),
    leadsTo: ['running'],
  });
}

/** A guest that put itself to sleep is woken, not resumed. */
async function wake(changing: Changing, domain: Domain): Promise<void> {
  const { id, deadline, tools } = changing;
  const [state] = await tools.link.call('virDomainGetState', `state of ${id}`, () => domain.state(0), deadline);
  if (state === VIR_DOMAIN_PMSUSPENDED) await callGuest(changing, 'virDomainPMWakeup', () => domain.pMWakeup(0));
  else await callGuest(changing, 'virDomainResume', () => domain.resume());
}

/** Fine when the guest is in another state by now: the look that follows says in which. */
async function callGuest({ id, deadline, tools }: Changing, fn: string, call: () => Promise<number>, limitMs?: number): Promise<void> {
  try {
    await tools.link.call(fn, `${fn} ${id}`, call, deadline, limitMs);
  } catch (error) {
    if (!(error instanceof ComputeError) || libvirtCode(error) !== VIR_ERR_OPERATION_INVALID) throw error;
  }
}
