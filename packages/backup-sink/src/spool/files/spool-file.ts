import type { LineSummary } from '@ceres/lineproto';
import { emptySummary, joinSummaries } from '@ceres/lineproto/internal';
import type { SpoolPartition } from '../layout';
import type { AppendedLines, FoundName, MadeGz, NewFile, RecoveredFile } from './file-changes';
import { assertMayBecome, type FileState, type Transition } from './file-states';

/**
 * A file of the spool. Its methods are the transitions of file-states.ts, and nothing else changes it. The sums over all
 * files, and who waits for them, are kept by `Backlog`.
 */
export class SpoolFile {
  readonly partition: SpoolPartition;
  readonly sinceMs: number;
  #state: FileState;
  #id: string;
  #nextId: string | undefined;
  #path: string;
  #sizeBytes = 0;
  #onResize: (byBytes: number) => void = () => undefined;
  #leftover: string | undefined;
  #isMissing = false;
  #tried = false;
  #isMarkedTried = false;
  #lines = 0;
  #summary: LineSummary | undefined;
  #parkedMs = 0;

  private constructor(state: 'open' | 'found', { partition, id, path, sinceMs }: NewFile) {
    this.#state = state;
    this.partition = partition;
    this.sinceMs = sinceMs;
    this.#id = id;
    this.#path = path;
  }

  /** Returns a new segment's file, before its first lines. */
  static open(file: NewFile): SpoolFile {
    const opened = new SpoolFile('open', file);
    opened.#summary = emptySummary;
    return opened;
  }

  /** Returns a file of an earlier run, to be recovered. `sealedId` is the name that an open segment gets then. */
  static found(file: NewFile, sealedId: string): SpoolFile {
    const found = new SpoolFile('found', file);
    found.#nextId = sealedId;
    return found;
  }

  get state(): FileState {
    return this.#state;
  }

  get id(): string {
    return this.#id;
  }

  /** The id that a rename which failed may have given it, or that recovery will. */
  get nextId(): string | undefined {
    return this.#nextId;
  }

  /** The path of what is in the spool now: the `.lp.open`, the `.lp` or the `.gz`. */
  get path(): string {
    return this.#path;
  }

  /** What it takes of the spool, with a leftover. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** What it was compressed from and could not be removed. */
  get leftover(): string | undefined {
    return this.#leftover;
  }

  /** True once it was looked for and not found in the spool. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** True if a put under this id was begun. */
  get tried(): boolean {
    return this.#tried;
  }

  /** True while its name on the disk, which is durable, says already that a put was begun. */
  get isMarkedTried(): boolean {
    return this.#isMarkedTried;
  }

  /** The lines of this run's writes; 0 for a recovered file. */
  get lines(): number {
    return this.#lines;
  }

  /** The summary of all its lines; `undefined` if they must be read again, as those of a recovered file or of one in quarantine. */
  get summary(): LineSummary | undefined {
    return this.#summary;
  }

  /** When it was parked last, in ms of the steady clock. */
  get parkedMs(): number {
    return this.#parkedMs;
  }

  /** Returns true for its id, and for the one that a rename may have given it. */
  hasId(id: string): boolean {
    return id === this.#id || id === this.#nextId;
  }

  /** Calls `listener` with every change of `sizeBytes`. There is one listener: the backlog. */
  onResize(listener: (byBytes: number) => void): void {
    this.#onResize = listener;
  }

  /** A frame became durable: the file now holds these writes too, and ends at `sizeBytes`. */
  append(writes: readonly AppendedLines[], sizeBytes: number): void {
    this.#become('append', 'open');
    this.#resize(sizeBytes);
    for (const { lines, summary } of writes) {
      this.#lines += lines;
      this.#summary &&= summary && joinSummaries(this.#summary, summary);
    }
  }

  /** It takes no more lines; its name on disk follows with `nameSealed`. */
  seal(): void {
    this.#become('seal', 'sealed');
  }

  /** The segment is closed under this name: `.lp`, or still `.lp.open` if the disk refused the rename. */
  nameSealed(path: string): void {
    this.#become('nameSealed', 'sealed');
    this.#path = path;
  }

  /** It cannot be recovered yet; this much is known of it. */
  inspect(path: string, sizeBytes: number): void {
    this.#become('inspect', 'found');
    this.#path = path;
    this.#resize(sizeBytes);
  }

  recover({ state, id, path, sizeBytes, tried }: RecoveredFile): void {
    this.#become('recover', state);
    this.#id = id;
    this.#path = path;
    this.#tried = tried;
    this.#resize(sizeBytes);
  }

  /** The disk did not keep all of its lines: the summary is not that of what is left. */
  forgetSummary(): void {
    this.#become('forgetSummary', 'sealed');
    this.#summary = undefined;
  }

  /** Its `.gz` is durable, and `sizeBytes` long. `hasLeftover` says that what it was made from could not be removed. */
  compress(path: string, sizeBytes: number, { hasLeftover, isMarkedTried }: MadeGz): void {
    this.#become('compress', 'compressed');
    this.#isMarkedTried = isMarkedTried;
    if (hasLeftover) this.#leftover = this.#path;
    this.#path = path;
    this.#resize(hasLeftover ? sizeBytes + this.#sizeBytes : sizeBytes);
  }

  /** A put under this id begins. */
  beginPut(): void {
    this.#become('beginPut');
    this.#tried = true;
  }

  /** The storage holds another sink's file under this id: no put of ours arrived under it. */
  refuseName(): void {
    this.#become('refuseName');
    this.#isMarkedTried = false;
    this.#tried = false;
  }

  /** A rename begins: whatever the disk answers, the file may have this id from now on. */
  beginRename(id: string): void {
    this.#become('beginRename');
    if (id !== this.#id) this.#nextId = id;
  }

  endRename(id: string, path: string): void {
    this.#become('endRename');
    this.#path = path;
    this.#id = id;
    if (id === this.#nextId) this.#nextId = undefined;
  }

  /** It was looked for, and is here: a rename that failed had happened all the same. */
  relocate({ id, kind, tried, path }: FoundName): void {
    this.#become('relocate', kind === 'gz' && this.#state === 'sealed' ? 'compressed' : this.#state);
    this.#isMarkedTried = false;
    if (id === this.#nextId) {
      this.#nextId = undefined;
      this.#tried = tried;
    }
    this.#id = id;
    this.#path = path;
    this.#isMissing = false;
  }

  /** It was looked for, and is not in the spool. */
  miss(): void {
    this.#become('miss');
    this.#isMissing = true;
  }

  store(): void {
    this.#become('store', 'stored');
  }

  park(nowMs: number): void {
    this.#become('park', 'parked');
    this.#parkedMs = nowMs;
  }

  /** It leaves the parking place, as what it is on the disk. */
  retry(): void {
    this.#become('retry', this.#path.endsWith('.gz') ? 'compressed' : 'sealed');
  }

  /** Nothing of it is left on the disk: it is stored, or held nothing that was acked. */
  remove(): void {
    this.#become('remove', 'removed');
  }

  /** Nothing of it is left on the disk, though the storage does not have it. */
  lose(): void {
    this.#become('lose', 'lost');
  }

  #become(transition: Transition, to: FileState = this.#state): void {
    assertMayBecome(transition, this.#state, to, this.#path);
    this.#state = to;
  }

  #resize(sizeBytes: number): void {
    const byBytes = sizeBytes - this.#sizeBytes;
    this.#sizeBytes = sizeBytes;
    this.#onResize(byBytes);
  }
}
