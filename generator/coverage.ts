import { parseArgs } from 'node:util';
import { count, functionsThatMatter, totals, type Totals } from './coverage-totals.js';
import { readApiLists } from './locate-lists.js';
import type { PlanRow } from './plan-row.js';
import { makePlan } from './plan.js';

const USAGE = `usage: npm run coverage:api -- [--all] [--json]

Who offers each function and callback type of libvirt to JavaScript, and why, with totals.
  --all    every enum value and string macro too
  --json   the whole plan as JSON`;

function main(): void {
  const { values } = parseArgs({ options: { all: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { version, rows } = makePlan(readApiLists());
  const matter = functionsThatMatter(rows);
  if (values.json) {
    const { total, offered, missing } = matter;
    const summary = { totals: totals(rows), matter: { total, offered, missing: missing.map((row) => row.name) } };
    console.log(JSON.stringify({ libvirt: version, ...summary, rows }, null, 2));
    return;
  }
  const shown = rows.filter((row) => values.all === true || row.kind === 'function' || row.kind === 'callback');
  print([['C name', 'since', 'Python name', 'by', 'where', 'why'], ...shown.map(rowCells)]);
  console.log();
  const summary = [...totals(rows), count('all', 'symbols', rows)];
  print([['module', 'kind', 'generated', 'by hand', 'by hand, not yet', 'nobody', 'total'], ...summary.map(totalCells)]);
  const plain = rows.filter((row) => row.plainInPython);
  const generated = plain.filter((row) => row.by === 'generated').length;
  console.log(`\nlibvirt ${version}`);
  console.log(
    `${plain.length} functions need no hand in libvirt-python: ${generated} generated here, ${plain.length - generated} by hand with a reason.`,
  );
  console.log(
    `${matter.offered} offered of the ${matter.total} functions that matter by the logic of libvirt-python's own coverage check ` +
      `(${matter.missing.filter((row) => row.notYet).length} by hand, not yet; ${matter.missing.filter((row) => row.by === 'nobody').length} by nobody).`,
  );
}

function rowCells(row: PlanRow): string[] {
  const by = row.by === 'hand' ? (row.notYet ? 'hand, not yet' : 'hand') : row.by;
  return [row.name, row.since ?? '', row.python ?? '', by, row.where ?? '', row.why];
}

function totalCells(row: Totals): string[] {
  return [row.module, row.kind, ...[row.generated, row.byHand, row.notYet, row.nobody, row.total].map(String)];
}

/** Columns as wide as their widest cell; numbers to the right. */
function print(table: readonly (readonly string[])[]): void {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of table) {
    const line = cells.map((cell, column) => (/^\d+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)));
    console.log(line.join('  ').trimEnd());
  }
}

try {
  main();
} catch (error) {
  console.error(`coverage: ${(error as Error).message}`);
  process.exitCode = 1;
}
