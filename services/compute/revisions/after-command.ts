import type { Command } from '../../common/messages/commands.js';
import { specAfter } from '../instances/spec-now.js';
import { type RecordedInstance, sorted, specShown } from './recorded-instance.js';

/** The record after a command that was done: what it changed of the wish that made the instance. */
export function afterCommand(record: RecordedInstance, command: Command): RecordedInstance {
  const { details } = record;
  if (!details) return record;
  if (command.type === 'instance.setMetadata') return { ...record, details: { ...details, metadata: sorted(command.body.metadata) } };
  if (command.type === 'instance.rescue') return { ...record, details: { ...details, rescued: true } };
  if (command.type === 'instance.unrescue') return { ...record, details: { ...details, rescued: false } };
  const spec = details.spec && specAfter(details.spec, command);
  return spec === null || spec === details.spec ? record : { ...record, details: { ...details, spec: specShown(spec) } };
}
