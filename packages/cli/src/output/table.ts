import { greatest } from '@ceres/internal';
import { escapeControls } from './escape';
import { formatCount } from './format';
import { wrap } from './wrap';

/** A cell that is longer than this does not lengthen the others of its column: one long name would fill every line with blanks. */
const paddedMax = 200;

/** How a table fits on a screen. */
export interface TableShape {
  /** The columns of the screen. Default: no limit. */
  readonly width?: number;
  /** How many leading cells name a row. Default: 2. */
  readonly names?: number;
}

/**
 * Returns lines of cells aligned in columns for a person. A column of numbers or sizes is flush right. A table that is too wide for
 * the screen becomes a list: a line with the name of each row, and below it every other cell with its heading.
 */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { width = Number.POSITIVE_INFINITY, names = 2 }: TableShape = {},
): readonly string[] {
  const cells = [head, ...rows.map((row) => row.map(formatCell))];
  const widths = head.map((_, column) => Math.min(paddedMax, greatest(cells.map((row) => row[column]?.length ?? 0))));
  const isNumeric = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || isSize(row[column])),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  if (lines.every((line) => line.length <= width)) return lines;
  return cells.slice(1).flatMap((row) => {
    const details = row.slice(names).flatMap((cell, i) => (cell === '' ? [] : [`${head[names + i]}: ${cell}`]));
    return [row.slice(0, names).join('  '), ...wrap(details, width, '  ')];
  });
}

function formatCell(cell: string | number): string {
  return typeof cell === 'number' ? formatCount(cell) : escapeControls(cell);
}

function isSize(cell: string | number | undefined): boolean {
  return typeof cell === 'string' && /^[\d.]+ ([KMGT]i)?B$/.test(cell);
}
