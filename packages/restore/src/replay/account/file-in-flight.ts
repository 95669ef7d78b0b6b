import type { DoneFile } from '../../journal/done-files';
import type { OrderedFile } from '../../plan/order';
import type { Progress } from '../progress';
import type { RejectBudget, RejectCode, RejectedRecords } from './rejects';

/** One file between its first record and its line in the journal: where each of its records ended up. */
export class FileInFlight {
  readonly file: OrderedFile;
  readonly rejects: RejectedRecords;
  readonly #budget: RejectBudget;
  readonly #progress: Progress;
  /** Records given to a lane, and those of them that came out again. */
  #routed = 0;
  #settled = 0;
  #lines = 0;
  #expired = 0;
  #rejected = 0;
  readonly #typeConflicts = new Set<string>();
  #end: { readonly unsealed?: boolean; readonly corrupt?: string } | undefined;

  constructor(
    file: OrderedFile,
    shared: { readonly rejects: RejectedRecords; readonly budget: RejectBudget; readonly progress: Progress },
  ) {
    this.file = file;
    this.rejects = shared.rejects;
    this.#budget = shared.budget;
    this.#progress = shared.progress;
  }

  /** Everything is read, and each record is settled. */
  get complete(): boolean {
    return this.#end !== undefined && this.#settled === this.#routed;
  }

  /** These will come out of a lane as stored, expired or rejected. */
  routed(records: number): void {
    this.#routed += records;
  }

  stored(records: number): void {
    this.#lines += records;
    this.#settled += records;
    this.#progress.stored(records);
  }

  /** The server itself found them too old. */
  expired(records: number): void {
    this.#expired += records;
    this.#settled += records;
  }

  /** @throws RestoreError `TOO_MANY_REJECTS` */
  rejected(code: RejectCode, record: Uint8Array): void {
    this.#settled += 1;
    this.rejectUnsent(code, record);
  }

  /** Not sent at all: the server's policy is known to keep it no longer. */
  expireUnsent(): void {
    this.#expired += 1;
  }

  /** @throws RestoreError `TOO_MANY_REJECTS` */
  rejectUnsent(code: RejectCode, record: Uint8Array): void {
    this.#rejected += 1;
    this.rejects.add(code, record);
    this.#budget.spend(this.rejects.partPath);
  }

  typeConflict(field: string): void {
    this.#typeConflicts.add(field);
  }

  /** Nothing more will be routed. */
  ended(how: { readonly unsealed?: boolean; readonly corrupt?: string }): void {
    this.#end = how;
  }

  done(): DoneFile {
    return {
      key: this.file.key,
      lines: this.#lines,
      expired: this.#expired,
      rejected: this.#rejected,
      ...this.#end,
      ...(this.#typeConflicts.size > 0 && { typeConflicts: [...this.#typeConflicts] }),
    };
  }
}
