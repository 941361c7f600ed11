import type { InstanceState } from '../../../common/messages/results.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { type OwnDomain, readPowerStateNow } from './own-domain.js';
import { askToPowerOff } from './power-button.js';
import { isOff } from './power-state.js';
import { stopDomain } from './stop-domain.js';

export function stop(changing: Changing, { graceMs }: { readonly graceMs: number }): Promise<InstanceState> {
  return changing.run({
    name: 'stop',
    whileRescued: true,
    ...(graceMs === 0 && { read: readPowerStateNow }),
    mustAct: ({ own }) => mustAct(graceMs === 0 ? 'stopAtOnce' : 'stop', own.powerState, `stop ${changing.id}`),
    act: ({ own }) => powerOff(changing, own, graceMs),
    leadsTo: ['shutdown'],
  });
}

/** Off: by the guest itself within its grace, else by pulling the plug. */
export async function powerOff(changing: Changing, own: OwnDomain, graceMs: number): Promise<void> {
  const { id, deadline, tools } = changing;
  if (graceMs > 0 && own.powerState === 'running') {
    const off = await changing.step('shutdown', () => askToPowerOff(changing, own, graceMs));
    if (off) return;
  }
  // Looked up anew: the connection of a call that was given up is another one by now.
  const { domain, powerState } = await changing.look(`stop ${id}`, readPowerStateNow);
  if (!isOff(powerState)) await changing.step('stop', () => stopDomain(tools.link, domain, id, deadline));
}

/** The memory that a suspended guest has left: a start would go on from it. */
export async function dropMemory({ id, deadline, tools }: Changing, { domain, powerState }: OwnDomain): Promise<void> {
  if (powerState !== 'suspended') return;
  const remove = () => domain.managedSaveRemove(0);
  await tools.link.call('virDomainManagedSaveRemove', `drop the memory of ${id}`, remove, deadline);
}
