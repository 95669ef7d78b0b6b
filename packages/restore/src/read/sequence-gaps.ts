import type { FileHeader } from '@ceres/lineproto';
import type { FileFinding } from './finding';

/** Sequence numbers that follow each other without a gap. */
interface Range {
  first: bigint;
  last: bigint;
}

interface Sequence {
  readonly header: FileHeader;
  /** Sorted ranges that do not touch each other; usually one. */
  readonly ranges: Range[];
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

  add(header: FileHeader): void {
    const { writer, sequence } = header;
    if (writer === undefined || sequence === undefined) return;
    const name = nameOf(header);
    const { ranges } = this.#sequences.get(name) ?? { ranges: [] };
    this.#sequences.set(name, { header, ranges });
    const last = ranges.at(-1);
    if (last !== undefined && sequence === last.last + 1n) last.last = sequence;
    else insert(ranges, sequence);
  }

  /** Describes every gap. Numbers before the first one are not a gap, because old files expire. */
  gaps(): SequenceGap[] {
    const gaps: SequenceGap[] = [];
    for (const [name, { header, ranges }] of this.#sequences) {
      const { writer, database, retentionPolicy, mixed } = header;
      const policy = mixed === undefined ? retentionPolicy : '~mixed';
      for (const [i, { last }] of ranges.slice(0, -1).entries()) {
        const [from, to] = [last + 1n, (ranges[i + 1]?.first ?? last) - 1n];
        const reason = `writer ${writer} of ${database}/${policy}: sequence ${from === to ? from : `${from} to ${to}`} missing`;
        const numbers = from === to ? `${from}` : `${from}-${to}`;
        const finding: FileFinding = {
          name: `${name}/${numbers}`,
          problem: 'gap',
          reason,
          ...(writer !== undefined && { writer }),
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
