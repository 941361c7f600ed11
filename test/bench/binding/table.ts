import type { Sample } from '../statistics.js';
import type { Result } from './measure.js';
import type { Who } from './rivals.js';

const NONE = '–';
const WHO: readonly Who[] = ['C', 'Python', 'unraid', 'ours'];
const NAMES: Readonly<Record<Who, string>> = { C: 'C', Python: 'libvirt-python', unraid: '@unraid/libvirt', ours: 'this binding' };

/** Whether the row's target is met, and our figure compared with whom it is compared. */
export function judged({ row, samples }: Result): { met: boolean; ratio: number | null } {
  const ours = medianOf(samples, 'ours');
  const { than, atMost = Infinity, atLeast = 0 } = row.limit;
  const compared = than === null ? ours : ours / medianOf(samples, than);
  return { met: compared <= atMost && compared >= atLeast, ratio: than === null ? null : compared };
}

function medianOf(samples: ReadonlyMap<Who, Sample>, who: Who): number {
  const sample = samples.get(who);
  if (sample === undefined) throw new Error(`${who} was not measured`);
  return sample.median;
}

/** The result as a table of Markdown. */
export function table(results: readonly Result[]): string {
  const head = ['', ...WHO.map((who) => NAMES[who]), 'target', 'reached', 'met'];
  const lines = results.map((result) => {
    const { row, samples } = result;
    const { met, ratio } = judged(result);
    const cells = WHO.map((who) => (samples.has(who) ? `${short(medianOf(samples, who))} ${row.unit}` : NONE));
    return [row.what, ...cells, target(result), ratio === null ? NONE : `${ratio.toFixed(2)} ×`, met ? 'yes' : 'NO'];
  });
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const text = all.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [text[0], rule, ...text.slice(1)].join('\n');
}

function target({ row }: Result): string {
  const { than, atMost, atLeast } = row.limit;
  const [sign, value] = atMost === undefined ? ['≥', atLeast] : ['≤', atMost];
  return than === null ? `${sign} ${value} ${row.unit}` : `${sign} ${value} × ${NAMES[than]}`;
}

/** Three figures that mean something. */
function short(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)}k`.replace(/(\d{3})\.\dk/, '$1k');
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
