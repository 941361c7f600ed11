import { isMessage, type Message } from '@bufbuild/protobuf';
import { PrefetchedImageSchema } from '../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { InstancePlanSchema, InstanceSchema } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { DeletedInstanceSchema, SnapshotSchema } from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { ImageFormat } from '../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { lastPart } from './resource-names.js';
import { planWords, stateWord, word } from './instance-words.js';
import { printable } from './printable.js';
import { bytes } from './quantity.js';

/** What came of an operation, for people. */
export function resultWords(result: Message): string {
  if (isMessage(result, InstancePlanSchema)) return planWords(result);
  return `${printable(oneLine(result))}\n`;
}

function oneLine(result: Message): string {
  if (isMessage(result, InstanceSchema)) {
    const { name, displayName, state } = result;
    return `${lastPart(name)}${displayName === '' ? '' : ` (${displayName})`} is ${stateWord(state)}`;
  }
  if (isMessage(result, DeletedInstanceSchema)) {
    const { name, existed, removed, leftovers } = result;
    const id = lastPart(name);
    if (!existed) return `${id} was not there`;
    return `${id} is gone: ${removed.join(', ')}${leftovers.length > 0 ? `; not the worker's and left: ${leftovers.join(', ')}` : ''}`;
  }
  if (isMessage(result, SnapshotSchema)) return `${result.file}: ${bytes(Number(result.sizeBytes))}, sha256 ${result.sha256}`;
  if (isMessage(result, PrefetchedImageSchema)) {
    const { sha256, format, sizeBytes, fetched } = result;
    return `${word(ImageFormat[format], 'IMAGE_FORMAT_')}, ${bytes(Number(sizeBytes))}, sha256 ${sha256}, ${fetched ? 'fetched' : 'was here'}`;
  }
  return 'done';
}
