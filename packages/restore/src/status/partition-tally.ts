import { utcDay } from '@ceres/internal';
import { type FileHeader, nanosecondsPer } from '@ceres/lineproto';
import type { KeyParts, NamedFile, ObjectInfo, Vouching } from '@ceres/storage';
import { compareText } from '../plan/order';
import { ActivityTally } from './activity-tally';
import type { PartitionStatus } from './types';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Named = Mutable<Pick<PartitionStatus, 'lines' | 'newestPointNs'>>;
type Listed = Mutable<Omit<PartitionStatus, 'lines' | 'newestPointNs'>>;

/** Counts the files of one instance by partition: what the listing shows of them, and what ledgers and headers say of their lines. */
export class PartitionTally {
  readonly #listed = new Map<string, Listed>();
  readonly #named = new Map<string, Named>();
  readonly #read = new Map<string, Named>();
  readonly #activities = new Map<string, ActivityTally>();
  readonly #activityMs: number | undefined;

  /** `activityMs` is the time now, if activity is counted. */
  constructor(activityMs?: number) {
    this.#activityMs = activityMs;
  }

  addListed({ sizeBytes, createdMs }: ObjectInfo, parts: KeyParts, vouching: Vouching): void {
    const { database, retentionPolicy = '', mixed = false } = parts;
    // The day in the name of a seed's file is none.
    const day = vouching === 'seed' ? utcDay(createdMs) : parts.day;
    const tally = this.#listed.get(nameOf(parts)) ?? {
      database,
      retentionPolicy,
      mixed,
      files: 0,
      bytes: 0,
      firstDay: day,
      lastDay: day,
      newestFileMs: createdMs,
      unvouchedFiles: 0,
    };
    this.#listed.set(nameOf(parts), tally);
    tally.files += 1;
    tally.bytes += sizeBytes;
    tally.newestFileMs = Math.max(tally.newestFileMs, createdMs);
    if (day < tally.firstDay) tally.firstDay = day;
    if (day > tally.lastDay) tally.lastDay = day;
    if (vouching === 'unvouched') tally.unvouchedFiles += 1;
    if (vouching === 'seed') this.#activityOf(parts)?.addSeedFile(parts.id);
    else this.#activityOf(parts)?.addFile(parts.day, vouching === 'unvouched');
  }

  /** Forgets what ledgers said: the count begins again. */
  forgetNamed(): void {
    this.#named.clear();
    for (const activity of this.#activities.values()) activity.forgetNamed();
  }

  /** Adds what a ledger says of a file. */
  addNamed({ lines = 0, fromNs, toNs }: NamedFile, parts: KeyParts): void {
    add(this.#named, parts, lines, toNs);
    this.#activityOf(parts)?.addNamed(parts.id, { lines, fromNs, toNs });
  }

  /** Adds what its header says of a file that no ledger names. */
  addRead({ summary, precision }: FileHeader, parts: KeyParts): void {
    if (summary === undefined || precision === undefined) return;
    add(this.#read, parts, summary.lines, summary.lastTimestamp * nanosecondsPer[precision]);
    this.#activityOf(parts)?.addRead(parts.id, summary.lines);
  }

  partitions(): PartitionStatus[] {
    return [...this.#listed.keys()].sort(compareText).map((name) => {
      const listed = this.#listed.get(name) as Listed;
      const said = [this.#named.get(name), this.#read.get(name)];
      const newestPointNs = said
        .map((one) => one?.newestPointNs)
        .reduce((newest, ns) => (ns === undefined || (newest !== undefined && newest > ns) ? newest : ns), undefined);
      const lines = said.reduce((sum, one) => sum + (one?.lines ?? 0), 0);
      const activity = this.#activities.get(name)?.activity();
      return { ...listed, lines, ...(newestPointNs !== undefined && { newestPointNs }), ...(activity && { activity }) };
    });
  }

  #activityOf(parts: KeyParts): ActivityTally | undefined {
    if (this.#activityMs === undefined) return undefined;
    const name = nameOf(parts);
    const activity = this.#activities.get(name) ?? new ActivityTally(this.#activityMs);
    this.#activities.set(name, activity);
    return activity;
  }
}

function nameOf({ database, retentionPolicy = '', mixed = false }: KeyParts): string {
  return `${database}/${mixed ? '~mixed' : retentionPolicy}`;
}

function add(to: Map<string, Named>, parts: KeyParts, lines: number, toNs: bigint | undefined): void {
  const name = nameOf(parts);
  const tally = to.get(name) ?? { lines: 0 };
  to.set(name, tally);
  tally.lines += lines;
  if (toNs !== undefined && (tally.newestPointNs === undefined || tally.newestPointNs < toNs))
    tally.newestPointNs = toNs;
}
