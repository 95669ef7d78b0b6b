import type { FileHeader } from '@ceres/lineproto';

interface Range {
  first: bigint;
  last: bigint;
}

/** The sequence numbers seen of each writer, database and policy: what lies between them was lost. */
export class SequenceGaps {
  /** Sorted, apart from each other; mostly one. */
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

  /** Numbers before the first are no gaps: old files expire. */
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

/** A file that came late, or twice. */
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
