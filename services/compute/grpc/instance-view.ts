import type { Instance } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import type { FoundInstance } from '../ports.js';
import type { RecordedInstance } from '../revisions/recorded-instance.js';
import type { Revision, Revisions } from '../revisions/revisions.js';
import { instanceMessage } from './instance-message.js';
import { recordedSpec, recordedStanding } from './recorded-message.js';

/** An instance as everybody is shown it who asks for one, or has changed one: as it was found, with what only the log of revisions knows. */
export type ViewInstance = (found: FoundInstance) => Instance;

export function viewInstance(host: string, revisions: Pick<Revisions<RecordedInstance>, 'revisionOf'>): ViewInstance {
  return (found) => {
    const recorded = revisions.revisionOf(found.id);
    const message = instanceMessage(found, host, recorded?.revision);
    return recorded && !recorded.gone ? withRecord(message, recorded) : message;
  };
}

function withRecord(found: Instance, recorded: Revision<RecordedInstance>): Instance {
  const { state, stateReason, reconciling, createTime, updateTime, lastError } = recordedStanding(recorded);
  const isAtWork = reconciling && state !== found.state;
  const spec = found.spec ?? recordedSpec(recorded.record);
  if (spec) found.spec = spec;
  found.stateReason = stateReason;
  if (isAtWork) found.state = state;
  found.reconciling ||= isAtWork;
  found.createTime = createTime;
  found.updateTime = updateTime;
  if (found.status && lastError) found.status.lastError = lastError;
  return found;
}
