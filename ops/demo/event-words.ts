import { InstanceStateEvent, STATE_EVENT } from '../../services/common/messages/instance-event.js';
import { ProgressEvent } from '../../services/common/messages/progress.js';
import { CommandResult } from '../../services/common/messages/results.js';

/** What an event says, for a person. @param type the AMQP property, which tells the kinds of events apart */
export function eventWords(type: unknown, body: unknown): string {
  if (type === STATE_EVENT) return InstanceStateEvent.parse(body).state;
  if (typeof type !== 'string' || !type.endsWith('.progress')) return CommandResult.parse(body).outcome;
  const { phase, percent } = ProgressEvent.parse(body);
  return percent === undefined ? phase : `${phase}, ${percent} %`;
}
