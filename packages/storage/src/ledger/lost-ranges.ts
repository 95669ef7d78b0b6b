import { formatPrefix } from '../keys/format-key';
import type { LedgerPartition, LostFiles } from './findings';

/** A file that a ledger names. */
export interface NamedLoss {
  readonly kind: LostFiles['kind'];
  readonly partition: LedgerPartition;
  /** The UTC day of its key, YYYYMMDD. */
  readonly day: string;
  readonly lines?: number | undefined;
  readonly fromNs?: bigint | undefined;
  readonly toNs?: bigint | undefined;
}

interface Range {
  fromNs: bigint;
  toNs: bigint;
  files: number;
  lines: number;
}

const dayNs = 86_400_000_000_000n;
/** Losses of a partition that lie less than this apart are one: an hour of a quiet service. */
const joinedNs = 3_600_000_000_000n;
/** A partition with more ranges than this has the two joined that lie closest. */
const rangesMax = 64;

/** Joins lost files of a partition whose times touch or nearly do, so that a lost day is one finding. */
export class LostRanges {
  readonly #byPartition = new Map<string, { readonly loss: NamedLoss; ranges: Range[] }>();

  add(loss: NamedLoss): void {
    const name = `${loss.kind}/${formatPrefix(loss.partition)}`;
    const entry = this.#byPartition.get(name) ?? { loss, ranges: [] };
    this.#byPartition.set(name, entry);
    const opened = BigInt(Date.UTC(year(loss.day), month(loss.day), date(loss.day))) * 1_000_000n;
    const { fromNs = opened, toNs = opened + dayNs - 1n, lines = 0 } = loss;
    insert(entry.ranges, { fromNs, toNs, files: 1, lines });
  }

  /** Returns what is lost, the earliest times first. */
  findings(): LostFiles[] {
    const found = [...this.#byPartition].flatMap(([name, { loss, ranges }]) =>
      ranges.map((range) => ({
        kind: loss.kind,
        // The number is part of the name: who accepts 12 lost files has not accepted a 13th.
        name: `${name}${stamp(range.fromNs)}-${stamp(range.toNs)}:${range.files}`,
        partition: loss.partition,
        ...range,
      })),
    );
    return found.sort((a, b) => (a.fromNs < b.fromNs ? -1 : a.fromNs > b.fromNs ? 1 : 0));
  }
}

/** Inserts a range, and joins it with those that it comes close to. The ranges are sorted. */
function insert(ranges: Range[], added: Range): void {
  let at = ranges.length;
  while (at > 0 && (ranges[at - 1] as Range).fromNs > added.fromNs) at -= 1;
  ranges.splice(at, 0, added);
  join(ranges, at);
  join(ranges, at - 1);
  if (ranges.length <= rangesMax) return;
  let closest = 0;
  for (let i = 1; i < ranges.length - 1; i += 1) if (between(ranges, i) < between(ranges, closest)) closest = i;
  joinNext(ranges, closest);
}

/** Joins the range at `at` with all after it that it comes close to. */
function join(ranges: Range[], at: number): void {
  while (at >= 0 && at + 1 < ranges.length && between(ranges, at) <= joinedNs) joinNext(ranges, at);
}

function between(ranges: readonly Range[], at: number): bigint {
  return (ranges[at + 1] as Range).fromNs - (ranges[at] as Range).toNs;
}

function joinNext(ranges: Range[], at: number): void {
  const [range, next] = [ranges[at] as Range, ranges[at + 1] as Range];
  if (next.toNs > range.toNs) range.toNs = next.toNs;
  range.files += next.files;
  range.lines += next.lines;
  ranges.splice(at + 1, 1);
}

function year(day: string): number {
  return Number(day.slice(0, 4));
}

function month(day: string): number {
  return Number(day.slice(4, 6)) - 1;
}

function date(day: string): number {
  return Number(day.slice(6));
}

/** Returns a time in a name: `20261126T2210Z`. */
function stamp(ns: bigint): string {
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`;
}
