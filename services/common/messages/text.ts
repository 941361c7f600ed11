import { z } from 'zod';

/** Longest name or value, in bytes of UTF-8: what libvirt, a file system and an index all take. */
const MAX_TEXT_BYTES = 255;

const bytesOf = (value: string): number => Buffer.byteLength(value, 'utf8');

/** What XML 1.0 cannot carry at all, escaped or not; tabs and line breaks, which survive it only as references; what a terminal or a log takes for a command; and what UTF-8 cannot carry. */
const REFUSED: readonly [RegExp, string][] = [
  [/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u, 'a control character, such as a tab or a line break'],
  [/[\ufffe\uffff]/u, 'U+FFFE or U+FFFF, which are no characters'],
  [/\p{Surrogate}/u, 'half a surrogate pair'],
];

/** One line of text that XML, a file system and a log can hold. */
export const text = (what: string, maxBytes = MAX_TEXT_BYTES) =>
  z
    .string()
    .refine((value) => bytesOf(value) <= maxBytes, { error: `${what} is longer than ${maxBytes} bytes of UTF-8` })
    .superRefine((value, context) => {
      for (const [characters, words] of REFUSED)
        if (characters.test(value)) context.addIssue({ code: 'custom', message: `${what} holds ${words}` });
    });

export const filePath = (what: string) => text(what, 4095).refine((value) => value.length > 0, { error: `${what} is empty` });

/** The contents of a file that goes into the guest as they are: any characters that UTF-8 can carry, except NUL. */
export const fileText = (what: string, maxBytes: number) =>
  z
    .string()
    .min(1, { error: `${what} is empty` })
    .refine((value) => bytesOf(value) <= maxBytes, { error: `${what} is longer than ${maxBytes} bytes of UTF-8` })
    .refine((value) => !/\u0000|\p{Surrogate}/u.test(value), { error: `${what} holds a NUL or half a surrogate pair` });
