import type { Written } from '../model/written';

/** Returns the write with a number. Parent and child agree on it, since everything about a write follows from its number. */
export function writtenOf(id: number): Written {
  return { id, partition: id % 3, lines: 1 + (id % 5), acked: false };
}

export function linesOf({ id, lines }: Written): string {
  const text = 'x'.repeat(id % 200);
  return Array.from({ length: lines }, (_, line) => `m,w=${id} l=${line}i,text="${text}" ${id * 10 + line}\n`).join('');
}

export function partitionOf({ partition }: Written) {
  return { instance: 'i', database: `db${partition}`, retentionPolicy: 'rp' };
}
