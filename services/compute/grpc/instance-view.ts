import type { Instance } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import type { FoundInstance } from '../ports.js';
import type { RecordedInstance } from '../revisions/recorded-instance.js';
import type { Revisions } from '../revisions/revisions.js';
import { instanceMessage } from './instance-message.js';
import { recordedMessage } from './recorded-message.js';

/** An instance as everybody is shown it who asks for one, or has changed one: as it was found, with what only the log of revisions knows. */
export type ViewInstance = (found: FoundInstance) => Instance;

export function viewInstance(host: string, revisions: Pick<Revisions<RecordedInstance>, 'revisionOf'>): ViewInstance {
  return (found) => {
    const recorded = revisions.revisionOf(found.id);
    const message = instanceMessage(found, host, recorded?.revision);
    return recorded && !recorded.gone ? withRecord(message, recordedMessage(recorded, host)) : message;
  };
}

/** Since when it is, what is at work on it, and what failed. */
function withRecord(found: Instance, { spec, state, stateReason, reconciling, createTime, updateTime, status }: Instance): Instance {
  if (!found.spec && spec) found.spec = spec;
  const isAtWork = reconciling && state !== found.state;
  found.stateReason = stateReason;
  if (isAtWork) found.state = state;
  found.reconciling ||= isAtWork;
  if (createTime) found.createTime = createTime;
  if (updateTime) found.updateTime = updateTime;
  if (found.status && status?.lastError) found.status.lastError = status.lastError;
  return found;
}
