import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { ApiArgument, ApiList, ModuleName } from './api-list.js';

type Element = Readonly<Record<string, unknown>>;

const LISTED = new Set(['function', 'enum', 'macro', 'functype', 'arg']);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
  isArray: (tag) => LISTED.has(tag),
});

/**
 * Read one API list into facts. Nothing is decided here.
 * @param source where the text comes from, for messages
 * @throws Error when the text is not XML or not an API list
 */
export function parseApiList(module: ModuleName, text: string, source: string): ApiList {
  const wellFormed = XMLValidator.validate(text);
  if (wellFormed !== true) throw new Error(`${source} is not well-formed XML: ${wellFormed.err.msg} (line ${wellFormed.err.line})`);
  const api = child(parser.parse(text) as Element, 'api');
  const symbols = api && child(api, 'symbols');
  if (!symbols) throw new Error(`${source} is not a libvirt API list: it has no <api><symbols>`);

  const common = (element: Element) => ({
    module,
    name: required(element, 'name', source),
    file: required(element, 'file', source),
    since: optional(element, 'version'),
    info: optional(element, 'info') ?? '',
  });
  const macros = children(symbols, 'macro');
  return {
    module,
    version: versionOf(macros),
    functions: children(symbols, 'function').map((element) => {
      const returns = child(element, 'return');
      if (!returns) throw new Error(`${source}: function ${required(element, 'name', source)} has no <return>`);
      return {
        ...common(element),
        args: children(element, 'arg').map((arg) => argument(arg, source)),
        returns: { type: required(returns, 'type', source), info: optional(returns, 'info') ?? '' },
      };
    }),
    enums: children(symbols, 'enum').map((element) => ({
      ...common(element),
      type: required(element, 'type', source),
      value: required(element, 'value', source),
    })),
    stringMacros: macros.flatMap((element) => {
      const string = optional(element, 'string');
      return string === null ? [] : [{ ...common(element), string }];
    }),
    callbacks: children(symbols, 'functype').map(common),
  };
}

function argument(element: Element, source: string): ApiArgument {
  return {
    name: required(element, 'name', source),
    type: required(element, 'type', source),
    info: optional(element, 'info') ?? '',
  };
}

/** LIBVIR_VERSION_NUMBER is version * 1,000,000 + minor * 1000 + micro. */
function versionOf(macros: readonly Element[]): string | null {
  const macro = macros.find((element) => element['name'] === 'LIBVIR_VERSION_NUMBER');
  const number = Number(macro && optional(macro, 'raw'));
  if (!Number.isInteger(number) || number <= 0) return null;
  return [Math.floor(number / 1_000_000), Math.floor(number / 1000) % 1000, number % 1000].join('.');
}

function child(element: Element, tag: string): Element | undefined {
  const found = element[tag];
  return found === undefined ? undefined : asElement(found);
}

function children(element: Element, tag: string): readonly Element[] {
  const found = element[tag];
  return Array.isArray(found) ? found.map(asElement) : [];
}

/** The parser gives text for an element without attributes and children. */
function asElement(found: unknown): Element {
  return typeof found === 'object' && found !== null ? (found as Element) : {};
}

function optional(element: Element, attribute: string): string | null {
  const value = element[attribute];
  return typeof value === 'string' && value !== '' ? value : null;
}

function required(element: Element, attribute: string, source: string): string {
  const value = optional(element, attribute);
  if (value === null) {
    throw new Error(`${source}: an element lacks its "${attribute}" (it has: ${JSON.stringify(element).slice(0, 200)})`);
  }
  return value;
}
