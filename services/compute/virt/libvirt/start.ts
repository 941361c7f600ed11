import type { StartOptions } from '../../../common/messages/instance-spec.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { type Domain, VIR_DOMAIN_EVENT_STARTED } from './libvirt-calls.js';
import { createDomain, startFlags, whenStarted } from './start-domain.js';

export function start(changing: Changing, { start: options }: { readonly start: StartOptions }): Promise<InstanceState> {
  const rule = options.forceBoot ? 'startAfresh' : options.paused ? 'startPaused' : 'start';
  return changing.run({
    name: 'start',
    whileRescued: true,
    mustAct: ({ own }) => mustAct(rule, own.powerState, `start ${changing.id}`),
    act: ({ own }) => startGuest(changing, own.domain, startFlags(options)),
    leadsTo: options.paused ? ['paused', 'running'] : ['running'],
    autodestroy: options.autodestroy ?? false,
  });
}

/** Two steps: libvirt has started it, and has said that it is there. Reading kept memory takes as long as it takes. */
export async function startGuest(changing: Changing, domain: Domain, flags: number): Promise<void> {
  const { id, deadline, tools } = changing;
  const started = tools.events.expect(id, VIR_DOMAIN_EVENT_STARTED);
  try {
    await changing.step('start', async () => {
      await tools.bases.check(tools.directories.of(id), `start ${id}`, changing);
      await createDomain(tools.link, domain, id, flags, deadline, Infinity);
    });
    await changing.step('started', () => whenStarted(tools.link, domain, id, started.seen, deadline));
  } finally {
    started.cancel();
  }
}
