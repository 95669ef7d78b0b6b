import type { FileHeader } from '@ceres/lineproto';
import { parseKey } from '@ceres/storage';
import type { SeedIndex } from '@ceres/storage/internal';
import type { FileFinding } from './finding';

/** Sequence numbers that follow each other without a gap. */
interface Range {
  first: bigint;
  last: bigint;
  /** The key of the file with the first number, and of the one with the last. */
  key: string;
  lastKey: string;
}

/** Fewer late files are not worth sorting before the end. */
const lateMin = 1_000;

interface Sequence {
  readonly header: FileHeader;
  /** Sorted ranges that do not touch each other; usually one. */
  readonly ranges: Range[];
  /** Files that came late, or twice. */
  readonly late: Range[];
}

/** Files that are missing between others, and where they belong. */
export interface SequenceGap {
  readonly finding: FileFinding;
  readonly database: string;
  readonly retentionPolicy: string;
  /** The files switch between policies. */
  readonly isMixed: boolean;
}

/** Finds gaps in the sequence numbers of each writer, database and policy: a file in a gap was lost. */
export class SequenceGaps {
  readonly #sequences = new Map<string, Sequence>();

  /** Adds a file of a sink. What belongs to a seed, its manifest says. */
  add(header: FileHeader, key: string): void {
    const { writer, sequence, seed } = header;
    if (writer === undefined || sequence === undefined || seed !== undefined) return;
    const name = nameOf(header);
    const { ranges, late }: Omit<Sequence, 'header'> = this.#sequences.get(name) ?? { ranges: [], late: [] };
    const last = ranges.at(-1);
    const only = { first: sequence, last: sequence, key, lastKey: key };
    if (last === undefined || sequence > last.last + 1n) ranges.push(only);
    else if (sequence === last.last + 1n) Object.assign(last, { last: sequence, lastKey: key });
    else if (sequence < last.first) late.push(only);
    const isDue = late.length > lateMin && late.length > ranges.length; // so that each number is sorted only a few times
    this.#sequences.set(name, isDue ? { header, ranges: joined(ranges, late), late: [] } : { header, ranges, late });
  }

  /**
   * Describes every gap; those that a seed has made up for are closed. Numbers before the first one are not a gap, because old files expire.
   *
   * @param closedKeys the lost files that ledgers name, and that a seed has made up for: what says so names them, and their gaps are left out
   */
  gaps(seeds: SeedIndex, closedKeys: readonly string[] = []): SequenceGap[] {
    const gaps: SequenceGap[] = [];
    for (const [name, { header, ranges: known, late }] of this.#sequences) {
      const ranges = joined(known, late);
      const { writer, database, retentionPolicy, mixed } = header;
      const policy = mixed === undefined ? retentionPolicy : '~mixed';
      for (const [i, { last, lastKey }] of ranges.slice(0, -1).entries()) {
        const nextKey = ranges[i + 1]?.key ?? '';
        const [from, to] = [last + 1n, (ranges[i + 1]?.first ?? last) - 1n];
        // Numbers are issued in the order of names; and between two names of a partition, none of another stands.
        const named = closedKeys.filter((key) => key > lastKey && key < nextKey).length;
        if (BigInt(named) > to - from) continue;
        // The lost files were opened before the one behind the gap. Of their times nothing is known.
        const next = parseKey(nextKey);
        const isClosed = next !== undefined && seeds.closerOf(next) !== undefined;
        const reason = `writer ${writer} of ${database}/${policy}: sequence ${from === to ? from : `${from} to ${to}`} missing`;
        const numbers = from === to ? `${from}` : `${from}-${to}`;
        const finding: FileFinding = {
          name: `${name}/${numbers}`,
          problem: 'gap',
          reason,
          ...(writer !== undefined && { writer }),
          ...(isClosed && { closed: true }),
        };
        gaps.push({ finding, database, retentionPolicy, isMixed: mixed !== undefined });
      }
    }
    return gaps;
  }
}

/** Returns a name without blanks for the sequence that a file belongs to, so that it can be typed. */
function nameOf({ writer = '', database, retentionPolicy, mixed }: FileHeader): string {
  const named = retentionPolicy === '' ? '~default' : encodeURIComponent(retentionPolicy);
  const policy = mixed === undefined ? named : '~mixed';
  return [encodeURIComponent(writer), encodeURIComponent(database), policy].join('/');
}

/** Returns sorted ranges that do not touch each other. */
function joined(ranges: readonly Range[], late: readonly Range[]): Range[] {
  const all = [...ranges, ...late];
  all.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const found: Range[] = [];
  for (const { first, last, key, lastKey } of all) {
    const before = found.at(-1);
    if (before === undefined || first > before.last + 1n) found.push({ first, last, key, lastKey });
    else if (last > before.last) Object.assign(before, { last, lastKey });
  }
  return found;
}
