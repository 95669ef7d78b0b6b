import { randomBytes } from 'node:crypto';
import type { Written } from '../model/written';

export const writersAtOnce = 16;

/** Returns the write with a number, on which parent and child agree. */
export function writtenOf(id: number): Written {
  return { id, partition: id % 2, lines: 1 + (id % 7), acked: false };
}

/** Returns lines that compress badly: zlib then fills its output, and waits for the disk to take it. */
export function linesOf({ id, lines }: Written): string {
  const noise = () => randomBytes(300 + (id % 300)).toString('hex');
  return Array.from({ length: lines }, (_, line) => `m,w=${id} l=${line}i,text="${noise()}" ${id * 10 + line}\n`).join(
    '',
  );
}
