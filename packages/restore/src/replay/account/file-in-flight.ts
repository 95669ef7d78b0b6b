import type { FileSummary } from '@ceres/lineproto';
import type { DoneFile } from '../../journal/done-files';
import type { OrderedFile } from '../../plan/order';
import type { FileFinding } from '../../read/finding';
import type { Progress } from '../progress';
import type { RejectBudget, RejectCode, RejectedRecords } from './rejects';

/** Counts what became of each record of a file, from its first record to its line in the journal. */
export class FileInFlight {
  readonly file: OrderedFile;
  readonly rejects: RejectedRecords;
  /** The first and the last time of its records, as its header proves them, in the unit of the file. */
  readonly times: { readonly first: bigint; readonly last: bigint } | undefined;
  readonly #budget: RejectBudget;
  readonly #progress: Progress;
  /** The records given to a lane, and how many of them came out again. */
  #routed = 0;
  #settled = 0;
  #lines = 0;
  #expired = 0;
  #rejected = 0;
  #longStrings = 0;
  readonly #typeConflicts = new Set<string>();
  #end: { readonly unsealed?: boolean; readonly damage?: FileFinding } | undefined;

  constructor(
    file: OrderedFile,
    shared: { readonly rejects: RejectedRecords; readonly budget: RejectBudget; readonly progress: Progress },
    summary?: FileSummary,
  ) {
    this.file = file;
    this.rejects = shared.rejects;
    this.#budget = shared.budget;
    this.#progress = shared.progress;
    const { firstTimestamp: first, lastTimestamp: last } = summary ?? {};
    this.times = first === undefined || last === undefined ? undefined : { first, last };
  }

  /** True once the whole file is read, and each of its records is settled. */
  get complete(): boolean {
    return this.#end !== undefined && this.#settled === this.#routed;
  }

  /** Counts records that a lane will report as stored, expired or rejected. */
  routed(records: number): void {
    this.#routed += records;
  }

  /** Counts records that the server has stored. */
  stored(records: number): void {
    this.#lines += records;
    this.#settled += records;
    this.#progress.stored(records);
  }

  /** Counts records that the server itself found too old. */
  expired(records: number): void {
    this.#expired += records;
    this.#settled += records;
  }

  /**
   * Keeps a record that the server has refused.
   *
   * @throws RestoreError `TOO_MANY_REJECTS`
   */
  rejected(code: RejectCode, record: Uint8Array): void {
    this.#settled += 1;
    this.rejectUnsent(code, record);
  }

  /** Counts a record that is not sent, because the server's policy no longer keeps it. */
  expireUnsent(): void {
    this.#expired += 1;
  }

  /**
   * Keeps a record that is not sent.
   *
   * @throws RestoreError `TOO_MANY_REJECTS`
   */
  rejectUnsent(code: RejectCode, record: Uint8Array): void {
    this.#rejected += 1;
    this.rejects.add(code, record);
    this.#budget.spend(this.rejects.partPath);
  }

  /** Notes a field with another type on the server. */
  typeConflict(field: string): void {
    this.#typeConflicts.add(field);
  }

  /** Counts stored records with a string that InfluxDB takes in a shard, and from 1.9 on not in a line. */
  longStrings(records: number): void {
    this.#longStrings += records;
  }

  /** Notes how the file ended: no record follows. */
  ended(how: { readonly unsealed?: boolean; readonly damage?: FileFinding }): void {
    this.#end = how;
  }

  /** Returns the file's line in the journal. */
  done(): DoneFile {
    return {
      key: this.file.key,
      lines: this.#lines,
      expired: this.#expired,
      rejected: this.#rejected,
      ...(this.#longStrings > 0 && { longStrings: this.#longStrings }),
      ...this.#end,
      ...(this.#typeConflicts.size > 0 && { typeConflicts: [...this.#typeConflicts] }),
    };
  }
}
