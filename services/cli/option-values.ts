import { InvalidArgumentError } from 'commander';
import { mebibytes } from './quantity.js';

// What options take, refused with what is wanted; commander puts the option's name in front.

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Wanted: a whole number ${max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`}.`);
  };
}

/** Seconds, also in parts. */
export function seconds(text: string): number {
  const value = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new InvalidArgumentError('Wanted: a number of seconds above 0.');
}

/** In MiB. */
export function sizeMiB(text: string): number {
  const value = mebibytes(text);
  if (value !== null) return value;
  throw new InvalidArgumentError('Wanted: a size such as 512M, 20G or 1T, in powers of two; a number alone is in MiB.');
}

/** KEY=VALUE, again and again, into one map. */
export function keyValue(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('Wanted: KEY=VALUE.');
}

type Values = Readonly<Record<string, (text: string) => unknown>>;

/** NAME=VALUE,NAME=VALUE with names out of a closed set: one thing with several sides, such as a disk. */
export function fields<V extends Values>(of: V) {
  return (text: string): { readonly [K in keyof V]?: ReturnType<V[K]> } => {
    const wanted = `Wanted: NAME=VALUE with commas between them, of ${Object.keys(of).join(', ')}.`;
    const found: Record<string, unknown> = {};
    for (const part of text.split(',')) {
      const at = part.indexOf('=');
      const name = part.slice(0, Math.max(0, at));
      const value = Object.hasOwn(of, name) ? of[name] : undefined;
      if (at < 1 || !value || Object.hasOwn(found, name)) throw new InvalidArgumentError(wanted);
      found[name] = value(part.slice(at + 1));
    }
    return found as { readonly [K in keyof V]?: ReturnType<V[K]> };
  };
}

/** For options that may be given several times. */
export function several<T>(one: (text: string) => T) {
  return (text: string, before: readonly T[] = []): readonly T[] => [...before, one(text)];
}
