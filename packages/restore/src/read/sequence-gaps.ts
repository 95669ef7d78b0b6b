import type { FileHeader } from '@ceres/lineproto';

/** Sequence numbers that follow each other without a gap. */
interface Range {
  first: bigint;
  last: bigint;
}

/** Finds gaps in the sequence numbers of each writer, database and policy: a file in a gap was lost. */
export class SequenceGaps {
  /** Sorted ranges that do not touch each other; usually one. */
  readonly #ranges = new Map<string, Range[]>();

  add({ writer, sequence, database, retentionPolicy }: FileHeader): void {
    if (writer === undefined || sequence === undefined) return;
    const name = `${writer} of ${database}/${retentionPolicy}`;
    const ranges = this.#ranges.get(name) ?? [];
    this.#ranges.set(name, ranges);
    const last = ranges.at(-1);
    if (last !== undefined && sequence === last.last + 1n) last.last = sequence;
    else insert(ranges, sequence);
  }

  /** Describes every gap. Numbers before the first one are not a gap, because old files expire. */
  gaps(): string[] {
    const gaps: string[] = [];
    for (const [name, ranges] of this.#ranges) {
      for (const [i, { last }] of ranges.slice(0, -1).entries()) {
        const next = ranges[i + 1]?.first ?? last;
        const missing = next - last - 1n;
        const numbers = missing === 1n ? `${last + 1n}` : `${last + 1n} to ${next - 1n}`;
        gaps.push(`writer ${name}: sequence ${numbers} missing`);
      }
    }
    return gaps;
  }
}

/** Inserts the number of a file that came late, or twice. */
function insert(ranges: Range[], sequence: bigint): void {
  ranges.push({ first: sequence, last: sequence });
  ranges.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  for (let i = ranges.length - 1; i > 0; i -= 1) {
    const before = ranges[i - 1];
    const range = ranges[i];
    if (before === undefined || range === undefined || range.first > before.last + 1n) continue;
    if (range.last > before.last) before.last = range.last;
    ranges.splice(i, 1);
  }
}
