import type { UserMetadata } from '../../../common/messages/instance-spec.js';
import type { InstanceState } from '../../../common/messages/results.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { VIR_DOMAIN_AFFECT_CONFIG, VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_METADATA_ELEMENT } from './libvirt-calls.js';
import { libvirtCode, VIR_ERR_OPERATION_INVALID } from './libvirt-failure.js';
import { METADATA_NAMESPACE, METADATA_PREFIX, withMetadata } from './metadata.js';
import type { OwnDomain } from './own-domain.js';
import { isOff } from './power-state.js';

/** Rewrites our element, in the definition and in the guest that runs. */
export function setMetadata(changing: Changing, { metadata }: { readonly metadata: UserMetadata }): Promise<InstanceState> {
  return changing.run({
    name: 'setMetadata',
    whileRescued: true,
    mustAct: ({ own }) => mustAct('setMetadata', own.powerState, `setMetadata ${changing.id}`),
    act: ({ own }) => changing.step('metadata', () => write(changing, own, metadata)),
  });
}

async function write(changing: Changing, own: OwnDomain, metadata: UserMetadata, again = true): Promise<void> {
  const { id, deadline, tools } = changing;
  const flags = VIR_DOMAIN_AFFECT_CONFIG | (isOff(own.powerState) ? 0 : VIR_DOMAIN_AFFECT_LIVE);
  const element = withMetadata(own.element, metadata);
  const set = () => own.domain.setMetadata(VIR_DOMAIN_METADATA_ELEMENT, element, METADATA_PREFIX, METADATA_NAMESPACE, flags);
  try {
    await tools.link.call('virDomainSetMetadata', `set the metadata of ${id}`, set, deadline);
  } catch (error) {
    if (!again || libvirtCode(error) !== VIR_ERR_OPERATION_INVALID) throw error;
    await write(changing, await changing.look(`setMetadata ${id}`), metadata, false); // it went off in between
  }
}
