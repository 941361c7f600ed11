import stringWidth from 'string-width';
import { printable } from './printable.js';

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => string;
  /** Numbers stand on the right. */
  readonly right?: boolean;
}

/** Rows for people: harmless on a terminal, aligned by the cells that characters take there, each line ended. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row))));
  const lines = [columns.map(({ header }) => header), ...cells];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => stringWidth(line[at] ?? ''))));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => padded(cell, widths[at] ?? 0, columns[at]?.right))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** What is known of one thing, a line each; what is not known has no line. */
export function facts(rows: readonly (readonly [name: string, value: string | undefined])[]): string {
  const known = rows.filter((row): row is readonly [string, string] => row[1] !== undefined && row[1] !== '');
  const width = Math.max(0, ...known.map(([name]) => stringWidth(printable(name))));
  return known.map(([name, value]) => `${padded(printable(name), width)}  ${printable(value)}\n`).join('');
}

function padded(cell: string, width: number, right = false): string {
  const padding = ' '.repeat(Math.max(0, width - stringWidth(cell)));
  return right ? padding + cell : cell + padding;
}
