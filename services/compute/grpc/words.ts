import { create, ScalarType, type DescEnum, type DescField, type DescMessage, type Message, type MessageShape } from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { CpuSetSchema, DiskSchema } from '../../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';

/** Words of the queue's messages that have no hyphen where a protobuf name has its underscore. */
const WITH_UNDERSCORE: ReadonlySet<string> = new Set(['IO_URING']);

/** `DISK_IO_IO_URING` as our messages say it: io_uring. Undefined for a number that the enum does not have. */
function wordOf(type: DescEnum, number: number): string | undefined {
  const value = type.value[number];
  if (value === undefined || number === 0) return undefined;
  return WITH_UNDERSCORE.has(value.localName) ? value.localName.toLowerCase() : value.localName.toLowerCase().replaceAll('_', '-');
}

/** The other way round; 0, unspecified, for a word that the enum does not have. */
export function numberOf(type: DescEnum, word: string | undefined): number {
  if (word === undefined) return 0;
  const name = word.toUpperCase().replaceAll('-', '_');
  return type.values.find(({ localName }) => localName === name)?.number ?? 0;
}

/**
 * A message as the JSON that the queue's commands are made of: fields by their JSON names, enums as words, whole numbers as numbers. What is empty
 * is left out, as it is the same as absent.
 * @param unknown told of a value that no enum has, by its path
 */
export function toWords(type: DescMessage, message: Message, unknown: (path: string) => void, path: string): Record<string, unknown> {
  return wordsOf(reflect(type, message), unknown, path);
}

function wordsOf(message: ReflectMessage, unknown: (path: string) => void, path: string): Record<string, unknown> {
  const words: Record<string, unknown> = {};
  for (const field of message.fields) {
    if (!message.isSet(field) || isOurs(field)) continue;
    const where = `${path}.${field.name}`;
    // Two sources of an image are two fields here and one, of two kinds, there.
    const name = field.name === 'remote_image' ? 'image' : field.jsonName;
    words[name] = valueOf(message, field, unknown, where);
  }
  return words;
}

/** What only we say is not read, as with every field of its kind. */
const isOurs = ({ parent, name }: DescField): boolean => parent.typeName === DiskSchema.typeName && name === 'device';

function valueOf(message: ReflectMessage, field: DescField, unknown: (path: string) => void, path: string): unknown {
  switch (field.fieldKind) {
    case 'list':
      return [...message.get(field)].map((item, index) =>
        field.listKind === 'message'
          ? messageOf(item as ReflectMessage, unknown, `${path}[${index}]`)
          : field.listKind === 'enum'
            ? enumOf(field.enum, item as number, unknown, `${path}[${index}]`)
            : scalarOf(field.scalar, item),
      );
    case 'map':
      return Object.fromEntries([...message.get(field)].map(([key, value]) => [String(key), value]));
    case 'message':
      return messageOf(message.get(field), unknown, path);
    case 'enum':
      return enumOf(field.enum, message.get(field), unknown, path);
    case 'scalar':
      return scalarOf(field.scalar, message.get(field));
  }
}

function messageOf(message: ReflectMessage, unknown: (path: string) => void, path: string): unknown {
  const words = wordsOf(message, unknown, path);
  return message.desc.typeName === CpuSetSchema.typeName ? (words['cpus'] ?? []) : words;
}

export function enumOf(type: DescEnum, number: number, unknown: (path: string) => void, path: string): string | undefined {
  const word = wordOf(type, number);
  if (word === undefined && number !== 0) unknown(path);
  return word;
}

/** No size, rate or number of ours is beyond what a number holds exactly; one that is, the schema refuses as too large. */
function scalarOf(type: ScalarType, value: unknown): unknown {
  return typeof value === 'bigint'
    ? Number(value)
    : type === ScalarType.BYTES
      ? Buffer.from(value as Uint8Array).toString('base64')
      : value;
}

type Words = Readonly<Record<string, unknown>>;

/** The other way: what `toWords` gives, as a message again. What the message has no field for is left out. */
export function fromWords<D extends DescMessage>(type: D, words: Words): MessageShape<D> {
  return create(type, initOf(type, words) as never);
}

function initOf(type: DescMessage, words: Words): Record<string, unknown> {
  const init: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = words[field.name === 'remote_image' ? 'image' : field.jsonName];
    if (
      value === undefined ||
      (field.name === 'remote_image' && !isObject(value)) ||
      (field.name === 'image' && field.oneof && isObject(value))
    )
      continue;
    const read = readField(field, value);
    if (field.oneof) init[field.oneof.localName] = { case: field.localName, value: read };
    else init[field.localName] = read;
  }
  return init;
}

const isObject = (value: unknown): value is Words => value !== null && typeof value === 'object' && !Array.isArray(value);

function readField(field: DescField, value: unknown): unknown {
  switch (field.fieldKind) {
    case 'list':
      return (value as unknown[]).map((item) =>
        field.listKind === 'message'
          ? readMessage(field.message, item)
          : field.listKind === 'enum'
            ? numberOf(field.enum, item as string)
            : readScalar(field.scalar, item),
      );
    case 'message':
      return readMessage(field.message, value);
    case 'enum':
      return numberOf(field.enum, value as string);
    case 'scalar':
      return readScalar(field.scalar, value);
    case 'map':
      return value;
  }
}

function readMessage(type: DescMessage, value: unknown): Message {
  return create(type, (Array.isArray(value) ? { cpus: value } : initOf(type, value as Words)) as never);
}

const LONG: ReadonlySet<ScalarType> = new Set([ScalarType.INT64, ScalarType.UINT64]);

function readScalar(type: ScalarType, value: unknown): unknown {
  return LONG.has(type) ? BigInt(value as number) : value;
}
