import { systemClock } from '@ceres/internal';
import { type FileHeader, nanosecondsPer } from '@ceres/lineproto';
import { type KeyParts, type ObjectInfo, surveyLedgers } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import { isWanted } from '../read/missing';
import { fetchHeader } from './headers';
import { orderedFile } from './order';

/** What is known of the lines of a selection without reading them. */
export interface SelectedLines {
  /** The lines of the files that may hold selected ones. */
  readonly lines: number;
  /** True if filters may select only a part of these lines. */
  readonly isUpperBound: boolean;
  /** The files of which neither a ledger nor their header says how many lines they have. */
  readonly filesUnknown: number;
  /** The times of the first and the last point, within the selected times, ns since the epoch; absent if nothing says them. */
  readonly first?: bigint;
  readonly last?: bigint;
}

/** The same, with the times of the files themselves. */
export interface SelectedFiles extends SelectedLines {
  /** When the first and the last file was opened, ms since the epoch; absent without a file. */
  readonly firstFileMs?: number;
  readonly lastFileMs?: number;
}

/** How many headers are read concurrently. */
const headersAtOnce = 16;

/**
 * Counts the selected lines as ledgers and headers tell them: lists the files, and reads the heartbeats and the headers of files that no
 * ledger names.
 *
 * @throws StorageError once retrying has not helped
 */
export async function sumUpLines(selection: ResolvedSelection): Promise<SelectedFiles> {
  const { storage, instance, signal } = selection;
  const listed = new Sum(selection);
  let named = new Sum(selection);
  const unnamed: { readonly info: ObjectInfo; readonly parts: KeyParts }[] = [];
  const readHeaders = async () => {
    const some = unnamed.splice(0);
    const headers = await Promise.all(some.map(({ info }) => fetchHeader(storage, info.key, signal)));
    for (const [i, { parts }] of some.entries()) {
      const { header, isProven } = headers[i] ?? {};
      listed.add(isProven ? linesIn(header) : unknown, parts);
    }
  };
  await surveyLedgers(storage, {
    instance,
    nowMs: systemClock.now(),
    seeds: selection.seeds,
    select: (parts) => isWanted(parts, selection),
    countNamed: () => {
      named = new Sum(selection);
      return ({ lines, fromNs, toNs }, parts) => named.add({ lines, first: fromNs, last: toNs }, parts);
    },
    listed: async (info, parts, vouching) => {
      listed.addFile(orderedFile(parts, info).openedMs);
      if (vouching === 'named' || vouching === 'seed') return;
      unnamed.push({ info, parts });
      if (unnamed.length >= headersAtOnce) await readHeaders();
    },
    retry: { signal },
  });
  await readHeaders();
  return listed.with(named);
}

/** The lines of one file, and their times in ns, as far as something says them. */
interface FileLines {
  readonly lines: number | undefined;
  readonly first: bigint | undefined;
  readonly last: bigint | undefined;
}

const unknown: FileLines = { lines: undefined, first: undefined, last: undefined };

function linesIn(header: FileHeader | undefined): FileLines {
  const { summary, precision } = header ?? {};
  if (summary === undefined || precision === undefined) return unknown;
  const unit = nanosecondsPer[precision];
  return { lines: summary.lines, first: summary.firstTimestamp * unit, last: summary.lastTimestamp * unit };
}

/** Adds up files, and leaves out those whose points lie outside the selected times. */
class Sum {
  readonly #selection: ResolvedSelection;
  #lines = 0;
  #isUpperBound: boolean;
  #filesUnknown = 0;
  #first: bigint | undefined;
  #last: bigint | undefined;
  #firstFileMs = Infinity;
  #lastFileMs = -Infinity;

  constructor(selection: ResolvedSelection) {
    this.#selection = selection;
    this.#isUpperBound = selection.measurements !== undefined;
  }

  addFile(openedMs: number): void {
    this.#firstFileMs = Math.min(this.#firstFileMs, openedMs);
    this.#lastFileMs = Math.max(this.#lastFileMs, openedMs);
  }

  add({ lines, first, last }: FileLines, { mixed }: Pick<KeyParts, 'mixed'>): void {
    const { from, until, retentionPolicies } = this.#selection;
    if (lines === undefined || first === undefined || last === undefined) {
      this.#filesUnknown += 1;
      return;
    }
    if ((from !== undefined && last < from) || (until !== undefined && first >= until)) return;
    this.#lines += lines;
    const isCut = (from !== undefined && first < from) || (until !== undefined && last >= until);
    if (isCut || (mixed && retentionPolicies !== undefined)) this.#isUpperBound = true;
    const start = from === undefined || first > from ? first : from;
    const end = until === undefined || last < until ? last : until;
    if (this.#first === undefined || start < this.#first) this.#first = start;
    if (this.#last === undefined || end > this.#last) this.#last = end;
  }

  /** Returns the sum of this and another. */
  with(other: Sum): SelectedFiles {
    const firsts = [this.#first, other.#first].filter((time) => time !== undefined);
    const lasts = [this.#last, other.#last].filter((time) => time !== undefined);
    const [first] = firsts.sort(byTime);
    const last = lasts.sort(byTime).at(-1);
    return {
      lines: this.#lines + other.#lines,
      isUpperBound: this.#isUpperBound || other.#isUpperBound,
      filesUnknown: this.#filesUnknown + other.#filesUnknown,
      ...(first !== undefined && { first }),
      ...(last !== undefined && { last }),
      ...(this.#firstFileMs !== Infinity && { firstFileMs: this.#firstFileMs, lastFileMs: this.#lastFileMs }),
    };
  }
}

function byTime(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
