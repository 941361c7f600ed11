import type { Encoded, Outcome } from './step.js';

type Marked = Exclude<Encoded, null | boolean | string | readonly Encoded[]>;

const isList = (value: Encoded): value is readonly Encoded[] => Array.isArray(value);
const isMarked = (value: Encoded): value is Marked => typeof value === 'object' && value !== null && !isList(value);

function kindOf(value: Encoded): string {
  if (value === null) return 'null';
  if (isList(value)) return 'list';
  return isMarked(value) ? (Object.keys(value)[0] ?? '') : typeof value;
}

const isVolatile = (path: readonly string[], volatile: readonly string[]): boolean =>
  volatile.some((pattern) => {
    const parts = pattern === '' ? [] : pattern.split('/');
    return parts.length === path.length && parts.every((part, i) => part === '*' || part === path[i]);
  });

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 1500 ? `${text.slice(0, 1500)}…` : text;
};

/** Where two values differ, one line a place. */
function* valueDifferences(python: Encoded, here: Encoded, volatile: readonly string[], path: readonly string[]): Generator<string> {
  const at = path.length === 0 ? 'the result' : path.join('/');
  if (kindOf(python) !== kindOf(here)) {
    yield `${at}: ${show(python)} in Python, ${show(here)} here`;
    return;
  }
  if (isVolatile(path, volatile)) return;
  if (isList(python) && isList(here)) {
    if (python.length !== here.length)
      yield `${at}: ${python.length} elements in Python, ${here.length} here: ${show(python)}, ${show(here)}`;
    for (let i = 0; i < Math.min(python.length, here.length); i++) {
      yield* valueDifferences(python[i] as Encoded, here[i] as Encoded, volatile, [...path, String(i)]);
    }
    return;
  }
  if (isMarked(python) && isMarked(here) && 'dictionary' in python && 'dictionary' in here) {
    for (const key of new Set([...Object.keys(python.dictionary), ...Object.keys(here.dictionary)])) {
      const [there, ours] = [python.dictionary[key], here.dictionary[key]];
      if (there === undefined || ours === undefined) {
        // A key that comes and goes is named like a value that changes.
        if (!isVolatile([...path, key], volatile)) yield `${at}: ${key} is ${show(there)} in Python, ${show(ours)} here`;
      } else yield* valueDifferences(there, ours, volatile, [...path, key]);
    }
    return;
  }
  if (JSON.stringify(python) !== JSON.stringify(here)) yield `${at}: ${show(python)} in Python, ${show(here)} here`;
}

/** Where two outcomes of one call differ. Messages of TypeErrors and the like are each side's own. */
export function differences(python: Outcome, here: Outcome, volatile: readonly string[] = []): string[] {
  if ('value' in python && 'value' in here) return [...valueDifferences(python.value, here.value, volatile, [])];
  if ('error' in python && 'error' in here)
    return [...valueDifferences(python.error, here.error, volatile, [])].map((one) => `error ${one}`);
  if ('throws' in python && 'throws' in here && python.throws === here.throws) return [];
  return [`${show(python)} in Python, ${show(here)} here`];
}
