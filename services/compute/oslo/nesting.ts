import { endOfString } from '../duplicate-keys.js';

/** Deepest nesting of objects and lists taken; a build's have eleven levels. */
const MAX_NESTING = 64;

const QUOTE = 0x22;
const OPENS = new Set([0x7b, 0x5b]);
const CLOSES = new Set([0x7d, 0x5d]);

/** Whether JSON is nested so deeply that nobody means it; found without parsing it. */
export function tooDeep(text: string, limit = MAX_NESTING): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (OPENS.has(code)) depth++;
    else if (CLOSES.has(code)) depth--;
    if (depth > limit) return true;
  }
  return false;
}
