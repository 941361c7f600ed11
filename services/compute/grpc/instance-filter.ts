import { ComputeError } from '../../common/errors.js';
import {
  Instance_State as State,
  Instance_StateSchema,
  type Instance,
} from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { bounded } from '../bounded.js';

type Test = (instance: Instance) => boolean;

const TERM = /^\s*([a-z_]+(?:\.[A-Za-z0-9_.:/-]+)?)\s*(!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))\s*(?:AND\s+|$)/;
const MAX_FILTER = 2000;

/** What a field is, as text. Undefined: it is none that a filter knows. */
function read(field: string): ((instance: Instance) => string) | undefined {
  if (field.startsWith('metadata.')) {
    const key = field.slice('metadata.'.length);
    return ({ metadata }) => (Object.hasOwn(metadata, key) ? (metadata[key] ?? '') : '');
  }
  return FIELDS[field];
}

const FIELDS: Readonly<Record<string, (instance: Instance) => string>> = {
  state: ({ state }) => State[state],
  display_name: ({ displayName }) => displayName,
  name: ({ name }) => name,
  uid: ({ uid }) => uid,
  reconciling: ({ reconciling }) => String(reconciling),
  generation: ({ generation }) => String(generation),
};

/** Fields that cannot have just any value: one that none can have is a mistake, and would find nothing without a word. */
const VALUES: Readonly<Record<string, { readonly fits: (value: string) => boolean; readonly said: string }>> = {
  state: { fits: (value) => Instance_StateSchema.values.some(({ localName }) => localName === value), said: 'no state' },
  reconciling: { fits: (value) => value === 'true' || value === 'false', said: 'neither true nor false' },
  generation: { fits: (value) => /^(?:0|[1-9]\d{0,15})$/.test(value), said: 'no number' },
};

/**
 * A part of AIP-160: terms joined by AND, each a field, = or !=, and a word or a string in quotes.
 * @throws ComputeError invalid for what is no such filter
 */
export function instanceFilter(filter: string): Test {
  const tests: Test[] = [];
  if (filter.length > MAX_FILTER) throw wrong(`it has more than ${MAX_FILTER} characters`);
  for (let rest = filter.trim(); rest !== '';) {
    const [all, field = '', sign, quoted, word] = TERM.exec(rest) ?? [];
    if (all === undefined) throw wrong(`it cannot be read from ${bounded(JSON.stringify(rest), 80)} on`);
    const value = read(field);
    if (!value) throw wrong(`there is no field ${bounded(field, 80)} to filter by`);
    const wanted = quoted === undefined ? (word ?? '') : quoted.replace(/\\(.)/g, '$1');
    const values = VALUES[field];
    if (values && !values.fits(wanted)) throw wrong(`${field}: ${bounded(JSON.stringify(wanted), 80)} is ${values.said}`);
    tests.push((instance) => (value(instance) === wanted) === (sign === '='));
    rest = rest.slice(all.length);
    if (rest.trim() === '' && /AND\s+$/.test(all)) throw wrong('it ends with AND');
  }
  return (instance) => tests.every((test) => test(instance));
}

function wrong(why: string): ComputeError {
  return new ComputeError('invalid', `filter: ${why}; wanted: terms such as state = RUNNING AND metadata.env = "ci"`, { field: 'filter' });
}
