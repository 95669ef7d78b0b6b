/** Rows aligned in columns for a person; a column of numbers or sizes is flush right. */
export function formatTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(formatCell))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumeric = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || isSize(row[column])),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `64.0 MiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(sizeUnits.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${sizeUnits[power]}`;
}

/** With thin separators that every terminal has: `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

function formatCell(cell: string | number): string {
  return typeof cell === 'number' ? formatCount(cell) : cell;
}

function isSize(cell: string | number | undefined): boolean {
  return typeof cell === 'string' && /^[\d.]+ ([KMGT]i)?B$/.test(cell);
}
