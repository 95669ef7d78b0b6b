const started = performance.now();

export function printStep(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`\n[${seconds} s] ${text}`);
}

export function printDone(text: string): void {
  console.log(`          ${text}`);
}

/** Prints progress: on a terminal it redraws one line, into a pipe it prints one line per call. */
export function printProgress(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K          ${text}` : `          ${text}\n`);
}

export function clearProgress(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
}

export function count(n: number): string {
  return n.toLocaleString('en-US');
}

export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : cell)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  console.log('');
  for (const row of cells)
    console.log(`  ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('   ')}`);
}
