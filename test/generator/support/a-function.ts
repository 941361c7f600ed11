import type { ApiFunction, ApiList } from '../../../generator/api-list.js';

/** A function as a list gives it: `aFunction('virDomainFoo', 'int', ['domain:virDomainPtr', 'flags:unsigned int'])`. */
export function aFunction(name: string, returns: string, args: readonly string[], module: ApiFunction['module'] = 'libvirt'): ApiFunction {
  return {
    module,
    name,
    file: 'libvirt-domain',
    since: '1.0.0',
    info: '',
    returns: { type: returns, info: '' },
    args: args.map((arg) => {
      const [argName = '', type = '', info = ''] = arg.split(':');
      return { name: argName, type, info };
    }),
  };
}

/** A list of these functions and nothing else. */
export function aList(...functions: ApiFunction[]): ApiList {
  return { module: 'libvirt', version: '1.0.0', functions, enums: [], stringMacros: [], callbacks: [] };
}
