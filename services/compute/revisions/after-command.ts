import type { Command } from '../../common/messages/commands.js';
import { type RecordedInstance, sorted } from './recorded-instance.js';

/** The record after a command that was done: what it changed of the wish that made the instance. */
export function afterCommand(record: RecordedInstance, command: Command): RecordedInstance {
  const { details } = record;
  if (!details) return record;
  if (command.type === 'instance.setMetadata') return { ...record, details: { ...details, metadata: sorted(command.body.metadata) } };
  if (command.type === 'instance.rescue') return { ...record, details: { ...details, rescued: true } };
  if (command.type === 'instance.unrescue') return { ...record, details: { ...details, rescued: false } };
  if (command.type !== 'instance.resize' || !details.spec) return record;
  const { vcpus, memoryMiB, disks = [] } = command.body;
  const sizes = new Map(disks.map(({ device, sizeMiB }) => [device, sizeMiB]));
  const grown = details.spec.disks?.map((disk, index) => {
    const sizeMiB = sizes.get(`vd${String.fromCharCode('a'.charCodeAt(0) + index)}`);
    return sizeMiB === undefined ? disk : { ...disk, sizeMiB };
  });
  const spec = {
    ...details.spec,
    ...(vcpus !== undefined && { vcpus }),
    ...(memoryMiB !== undefined && { memoryMiB }),
    ...(grown && { disks: grown }),
  };
  return { ...record, details: { ...details, spec } };
}
