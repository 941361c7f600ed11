import { timestampMs } from '@bufbuild/protobuf/wkt';
import { Instance_State, type Instance, type InstancePlan } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import type { Disk, NetworkInterface } from '../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { DiskBus, InterfaceKind } from '../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { lastPart } from './resource-names.js';
import { printableLines } from './printable.js';
import { bytes, duration } from './quantity.js';
import { facts, table } from './table.js';
import type { Timestamp } from '@bufbuild/protobuf/wkt';

const MIB = 1024 ** 2;

/** STATE_RUNNING is running. */
export function stateWord(state: Instance_State): string {
  return word(Instance_State[state]);
}

/** A value of an enum, as people say it. */
export function word(name: string | undefined, prefix = 'STATE_'): string {
  const plain = name?.startsWith(prefix) ? name.slice(prefix.length) : name;
  return plain === undefined || plain === 'UNSPECIFIED' ? 'unknown' : plain.toLowerCase().replaceAll('_', '-');
}

export function instanceTable(instances: readonly Instance[], now = Date.now()): string {
  return table(instances, [
    { header: 'ID', cell: ({ name }) => lastPart(name) },
    { header: 'NAME', cell: ({ displayName }) => displayName },
    { header: 'STATE', cell: ({ state, reconciling }) => `${stateWord(state)}${reconciling ? ' *' : ''}` },
    { header: 'VCPUS', cell: ({ spec }) => (spec ? String(spec.vcpus) : '-'), right: true },
    { header: 'MEMORY', cell: ({ spec }) => (spec ? bytes(Number(spec.memoryMib) * MIB) : '-'), right: true },
    { header: 'AGE', cell: ({ createTime }) => (createTime ? duration(now - timestampMs(createTime)) : '-'), right: true },
  ]);
}

export function instanceFacts(instance: Instance): string {
  const { spec, status, metadata } = instance;
  return facts([
    ['id', lastPart(instance.name)],
    ['name', instance.displayName],
    ['state', `${stateWord(instance.state)}${instance.stateReason === '' ? '' : ` (${word(instance.stateReason)})`}`],
    ['belongs', status?.desiredPowerState],
    ['at work on it', status?.currentOperation && lastPart(status.currentOperation)],
    ['last error', status?.lastError?.message],
    ['host', status && lastPart(status.host)],
    ['domain', status?.domainName],
    ['vcpus', spec && String(spec.vcpus)],
    ['memory', spec && bytes(Number(spec.memoryMib) * MIB)],
    ...(spec?.disks ?? []).map((disk, at): [string, string] => [`disk ${at}`, diskWords(disk)]),
    ...(spec?.interfaces ?? []).map((one, at): [string, string] => [`interface ${at}`, interfaceWords(one)]),
    ...Object.entries(metadata).map(([key, value]): [string, string] => [`metadata ${key}`, value]),
    ['made', time(instance.createTime)],
    ['changed', time(instance.updateTime)],
    ['by request', status?.requestId],
    ['generation', String(instance.generation)],
    ['etag', instance.etag],
    ['revision', String(instance.revision)],
  ]);
}

function diskWords({ source, sizeMib, bus }: Disk): string {
  const from = source.case === 'image' ? source.value : source.case === 'remoteImage' ? source.value.url : 'empty';
  const size = sizeMib > 0 ? bytes(Number(sizeMib) * MIB) : '';
  return [from, size, bus === DiskBus.UNSPECIFIED ? '' : word(DiskBus[bus], 'DISK_BUS_')].filter(Boolean).join(', ');
}

function interfaceWords({ kind, bridge, network, device, mac }: NetworkInterface): string {
  return [word(InterfaceKind[kind], 'INTERFACE_KIND_'), bridge || network || device, mac].filter(Boolean).join(', ');
}

/** What a creation would do. */
export function planWords({ fits, exists, claim, disks, domainXml }: InstancePlan): string {
  const verdict = exists ? 'It is there already, or on its way.' : fits ? 'It fits.' : 'It does not fit.';
  const claims = table(claim, [
    { header: 'RESOURCE', cell: ({ resource }) => resource },
    { header: 'WANTED', cell: ({ wanted }) => String(wanted), right: true },
    { header: 'FREE', cell: ({ free }) => (free === undefined ? '-' : String(free)), right: true },
    { header: 'TOTAL', cell: ({ total }) => (total === undefined ? '-' : String(total)), right: true },
    { header: 'UNIT', cell: ({ unit }) => unit },
    { header: '', cell: (line) => (line.fits ? '' : 'not enough') },
  ]);
  const planned = table(disks, [
    { header: 'DISK', cell: ({ file }) => file },
    {
      header: 'SIZE',
      cell: ({ virtualSizeBytes }) => (virtualSizeBytes === undefined ? '-' : bytes(Number(virtualSizeBytes))),
      right: true,
    },
    { header: 'OVER', cell: ({ image }) => image?.file ?? '' },
  ]);
  return [
    verdict,
    '\n\n',
    claims,
    disks.length > 0 ? `\n${planned}` : '',
    domainXml === '' ? '' : `\n${indented(printableLines(domainXml))}`,
  ].join('');
}

/** XML that came in one line, an element a line. */
function indented(xml: string): string {
  let depth = 0;
  const lines = xml
    .trim()
    .split(/(?<=>)\s*(?=<)/)
    .map((part) => {
      if (part.startsWith('</')) depth--;
      const line = `${'  '.repeat(Math.max(0, depth))}${part}\n`;
      if (/^<[^/?!]/.test(part) && !part.endsWith('/>') && !part.includes('</')) depth++;
      return line;
    });
  return lines.join('');
}

/** In UTC, to the second. */
export function time(timestamp: Timestamp | undefined): string | undefined {
  return timestamp && new Date(timestampMs(timestamp)).toISOString().replace(/\.\d+Z$/, 'Z');
}
