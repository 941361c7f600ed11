/** What every generated file has in common. */

export type Files = Map<string, string>;

/** The first lines of a file. `comment` is what starts a comment there. */
export function header(version: string): string {
  return `// Written by novalet's generator from the API lists of libvirt ${version}. Do not edit: it is made anew by every build.\n\n`;
}

/** A TypeScript string literal. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
