/** Documentation comments for the generated TypeScript. The texts come from outside, so nothing in them may end a comment or pass for a tag. */

export type DocsMode = 'full' | 'short';

export interface DocSource {
  readonly name: string;
  readonly file: string;
  readonly since: string | null;
}

/** The address of a symbol on libvirt.org. */
export function pageOf(symbol: DocSource): string {
  return `https://libvirt.org/html/libvirt-${symbol.file}.html#${symbol.name}`;
}

/** `virDomainShutdownFlags, since libvirt 0.9.10` */
export function nameAndSince(symbol: DocSource): string {
  return symbol.since === null ? symbol.name : `${symbol.name}, since libvirt ${symbol.since}`;
}

/** A comment block of the given lines, indented; one line when it fits. */
export function docBlock(lines: readonly string[], indent: string): string {
  const safe = lines.flatMap((line) => line.split(/\r\n|[\n\r\u2028\u2029]/)).map((line) => line.replaceAll('*/', '*\\/').trimEnd());
  while (safe[0] === '') safe.shift();
  while (safe.at(-1) === '') safe.pop();
  const only = safe.length === 1 ? safe[0] : undefined;
  if (only !== undefined && indent.length + only.length < 130) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${safe.map((line) => (line === '' ? `${indent} *\n` : `${indent} * ${line}\n`)).join('')}${indent} */\n`;
}

/** libvirt's text as Markdown for a hover: `NULL` is null here, `@name` names an argument, and `<tag>` is XML to be read, not HTML. */
export function prose(text: string): string {
  return text
    .replace(/\bNULL\b/g, 'null')
    .replace(/(^|[^\w`@])@(\w+)/gm, '$1`$2`')
    .replace(/(?<![\w`])@/g, '&#64;')
    .replace(/(?<!`)<(\/?[A-Za-z][^<>\n]*)>(?!`)/g, '`<$1>`');
}

/** The same on one line, for a tag. */
export function phrase(text: string): string {
  return prose(text).replace(/\s+/g, ' ').trim();
}
