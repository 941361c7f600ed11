/** What the runtime can carry between JavaScript and C. The tags are words of the rows that the C++ templates read. */

export const CLASSES = [
  'virConnect',
  'virDomain',
  'virDomainCheckpoint',
  'virDomainSnapshot',
  'virInterface',
  'virNWFilter',
  'virNWFilterBinding',
  'virNetwork',
  'virNetworkPort',
  'virNodeDevice',
  'virSecret',
  'virStoragePool',
  'virStorageVol',
  'virStream',
] as const;

export type ClassName = (typeof CLASSES)[number];

type ScalarTag = 'Int' | 'UInt' | 'Long' | 'ULong' | 'LLong' | 'ULLong' | 'Size' | 'Double';
type StringTag = 'Str' | 'UStr' | 'OwnedStr' | 'BorrowedStr';

export type CType =
  | { readonly kind: 'void'; readonly tag: 'Void' }
  /** `wide` is a C integer of up to 64 bits: a number or a bigint goes in, an Int64 comes out. */
  | { readonly kind: 'number'; readonly tag: ScalarTag; readonly wide: boolean }
  | { readonly kind: 'string'; readonly tag: StringTag }
  | { readonly kind: 'object'; readonly tag: string; readonly className: ClassName };

const scalar = (tag: ScalarTag, wide = false): CType => ({ kind: 'number', tag, wide });

const SCALARS: Readonly<Record<string, CType>> = {
  int: scalar('Int'),
  'unsigned int': scalar('UInt'),
  long: scalar('Long', true),
  'unsigned long': scalar('ULong', true),
  'long long': scalar('LLong', true),
  'unsigned long long': scalar('ULLong', true),
  size_t: scalar('Size'),
  double: scalar('Double'),
};

const STRINGS_IN: Readonly<Record<string, StringTag>> = { 'char *': 'Str', 'const char *': 'Str', 'unsigned char *': 'UStr' };

/** The caller frees a `char *`; a `const char *` stays libvirt's. */
const STRINGS_OUT: Readonly<Record<string, StringTag>> = { 'char *': 'OwnedStr', 'const char *': 'BorrowedStr' };

function object(type: string): CType | undefined {
  const className = CLASSES.find((name) => type === `${name}Ptr`);
  return className && { kind: 'object', tag: className.slice('vir'.length), className };
}

/** How a C argument goes in, or undefined when the table does not know its type. */
export function argumentType(type: string): CType | undefined {
  const string = STRINGS_IN[type];
  return SCALARS[type] ?? (string && { kind: 'string', tag: string }) ?? object(type);
}

/** How a C result comes out, or undefined when the table does not know its type. */
export function resultType(type: string): CType | undefined {
  if (type === 'void') return { kind: 'void', tag: 'Void' };
  const string = STRINGS_OUT[type];
  return SCALARS[type] ?? (string && { kind: 'string', tag: string }) ?? object(type);
}
