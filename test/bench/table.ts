import type { Sample } from './statistics.js';
import { compared, met, type Row, type Target } from './row.js';

const HEAD = ['', 'ours', "libvirt's own", 'difference', 'ratio', 'target', 'met', 'nova-compute *'] as const;
const NONE = '–';

/** The result for people: one line a row, medians with the smallest and greatest value behind them. */
export function table(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = '-'.repeat(Math.max(...text.map((line) => line.length)));
  return [text[0], rule, ...text.slice(1), rule, '* measured elsewhere, for scale: docs/benchmarks.md', verdict(rows)].join('\n');
}

function cells(row: Row): string[] {
  const comparison = compared(row);
  const good = met(row);
  return [
    row.what,
    figures(row.ours, row.unit),
    row.libvirt ? figures(row.libvirt, row.unit) : NONE,
    comparison ? `${comparison.difference > 0 ? '+' : ''}${short(comparison.difference)} ${row.unit}` : NONE,
    comparison ? comparison.ratio.toFixed(2) : NONE,
    row.target ? words(row.target, row.unit) : NONE,
    good === null ? NONE : good ? 'yes' : 'NO',
    row.nova ?? NONE,
  ];
}

function verdict(rows: readonly Row[]): string {
  const missed = rows.filter((row) => met(row) === false);
  const held = rows.filter((row) => met(row) === true).length;
  if (missed.length === 0) return `all ${held} targets met`;
  return `targets met: ${held}; MISSED: ${missed.map((row) => row.what).join('; ')}`;
}

function words(target: Target, unit: string): string {
  switch (target.of) {
    case 'difference':
      return `≤ ${target.atMost} ${unit} above`;
    case 'ratio':
      return `≥ ${target.atLeast} of it`;
    case 'ours':
      return `< ${target.atMost} ${unit}`;
  }
}

function figures({ median, min, max, count }: Sample, unit: string): string {
  return count === 1 ? `${short(median)} ${unit}` : `${short(median)} ${unit} (${short(min)}–${short(max)})`;
}

/** Three figures that mean something, no more. */
function short(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
