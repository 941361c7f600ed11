import type { Failure } from './failure-rules.js';

/** What libvirt tells a C programmer and nobody else: what to free, and which result means failure where an error is thrown instead. */

const FREE_IT = /^vir\w+(?:Free|Close) should be used to (?:free|release)[^.]*(?:\.|$)\n*/gm;

const FREE_THE_RESULT = [
  /\s*The (?:caller|client) must free\b[^.]*\.?/gi,
  /,? (?:the string|which) (?:must be freed|need not be deallocated)[^.]*?(?=, or |\.|$)/g,
  /\s*\(caller (?:must free|frees)\)/g,
];

/** The sentence parts that name the result of a failed call. */
const FAILED: Readonly<Record<Failure, readonly RegExp[]>> = {
  Never: [],
  MinusOne: [/,?\s*(?:or |and )?-1 (?:in case of|on|upon|if|otherwise)[^.,;]*/g],
  Zero: [/,?\s*(?:or |and )?\b0 (?:in case of|on|upon) (?:error|failure)/g],
  ZeroWithError: [/,?\s*(?:or |and )?\b0 (?:in case of|on|upon) (?:error|failure)/g],
  Null: [/,?\s*(?:or )?NULL (?:in case of|on|upon|if|otherwise)[^.,;]*/g, / or NULL(?=[.,]?$)/g],
};

/** A description without its advice about freeing. */
export function withoutFreeAdvice(description: string): string {
  return description.replace(FREE_IT, '').trimEnd();
}

/** What a call returns, without what it returns when it fails: then it throws. */
export function withoutFailure(returns: string, failure: Failure): string {
  let text = returns.replace(/\s+/g, ' ').trim();
  for (const remark of [...FREE_THE_RESULT, ...FAILED[failure]]) text = text.replace(remark, '');
  return text
    .replace(/^[\s,.;]*(?:or )?/, '')
    .replace(/(?: otherwise(?=\.?$)|,$)/, '')
    .trim();
}
