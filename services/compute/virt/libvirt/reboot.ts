import type { InstanceState } from '../../../common/messages/results.js';
import type { ChangeRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { VIR_DOMAIN_START_AUTODESTROY } from './libvirt-calls.js';
import { readDefined } from './domain-now.js';
import { mustBoot } from './must-boot.js';
import { readPowerState } from './own-domain.js';
import { isOff } from './power-state.js';
import { startGuest } from './start.js';
import { dropMemory, powerOff } from './stop.js';

export interface RebootRequest extends ChangeRequest {
  readonly mode: 'soft' | 'hard';
  readonly graceMs: number;
}

/**
 * Off and on. What tells how far an attempt came that was cut off is libvirt's number for the guest's run: noted before anything is done, and
 * another one once the guest has been started again.
 */
export function reboot(changing: Changing, { key, mode, graceMs }: RebootRequest): Promise<InstanceState> {
  const { id } = changing;
  const soft = mode === 'soft';
  return changing.run({
    name: 'reboot',
    whileRescued: true,
    ...(!soft && { read: readPowerState }),
    mustAct({ own, journal: { rebooting } }) {
      if (rebooting?.key === key) return isOff(own.powerState) || own.domain.ID() === rebooting.domainId;
      return mustAct(soft ? 'rebootSoft' : 'rebootHard', own.powerState, `reboot ${id}`);
    },
    async act({ own, journal: { rebooting, desired } }) {
      if (!isOff(own.powerState)) await mustBoot(changing, await readDefined(changing, own.domain), `reboot ${id}`);
      if (rebooting?.key !== key) await changing.note({ entry: 'rebooting', key, domainId: own.domain.ID() });
      await changing.tools.checkpoint?.('rebooting', id);
      if (!isOff(own.powerState)) await powerOff(changing, own, soft ? graceMs : 0);
      const off = await changing.look(`reboot ${id}`);
      await changing.tools.checkpoint?.('switched-off', id);
      await dropMemory(changing, off);
      await startGuest(changing, off.domain, desired.autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0);
    },
    leadsTo: ['running'],
  });
}
