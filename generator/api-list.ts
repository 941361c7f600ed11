/** The facts that libvirt's API lists give about its public C interface, one interface for each kind of symbol. */

/** One of libvirt's client libraries, each with an API list of its own. */
export type ModuleName = 'libvirt' | 'qemu' | 'lxc';

interface ApiSymbol {
  readonly module: ModuleName;
  readonly name: string;
  /** The header's name without its suffix, as in the address of its page on libvirt.org. */
  readonly file: string;
  /** The libvirt release that brought it, as `1.2.3`; older lists do not say. */
  readonly since: string | null;
  /** libvirt's own description, as it stands in the list; may be empty. */
  readonly info: string;
}

export interface ApiArgument {
  readonly name: string;
  /** The C type as the list spells it, for example `const char *`. */
  readonly type: string;
  readonly info: string;
}

export interface ApiFunction extends ApiSymbol {
  readonly args: readonly ApiArgument[];
  readonly returns: { readonly type: string; readonly info: string };
}

export interface ApiEnum extends ApiSymbol {
  readonly type: string;
  /** A decimal integer, or the name of another enum value. */
  readonly value: string;
}

/** A macro that stands for a string: the name of a typed parameter. */
interface ApiStringMacro extends ApiSymbol {
  readonly string: string;
}

type ApiCallback = ApiSymbol;

export interface ApiList {
  readonly module: ModuleName;
  /** The libvirt release the list belongs to, when the list tells (only the main one does). */
  readonly version: string | null;
  readonly functions: readonly ApiFunction[];
  readonly enums: readonly ApiEnum[];
  readonly stringMacros: readonly ApiStringMacro[];
  readonly callbacks: readonly ApiCallback[];
}
