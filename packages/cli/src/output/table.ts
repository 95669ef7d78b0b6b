import { escapeControls } from './escape';
import { formatCount } from './format';

/** Returns lines of cells aligned in columns for a person. A column of numbers or sizes is flush right. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  const cells = [head, ...rows.map((row) => row.map(formatCell))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumeric = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || isSize(row[column])),
  );
  return cells.map((row) =>
    row
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function formatCell(cell: string | number): string {
  return typeof cell === 'number' ? formatCount(cell) : escapeControls(cell);
}

function isSize(cell: string | number | undefined): boolean {
  return typeof cell === 'string' && /^[\d.]+ ([KMGT]i)?B$/.test(cell);
}
