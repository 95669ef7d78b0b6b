import type { LineSummary } from '@ceres/lineproto';
import { SinkError } from '../../errors';
import type { SpoolPartition } from '../layout';

/**
 * Where a file is on its way (the table in layout.ts). One of an earlier run is `found` until it is recovered; a `stored` one has
 * yet to be removed from the disk.
 */
type FileState = 'found' | 'open' | 'sealed' | 'packed' | 'parked' | 'stored';

/** A file of the spool. The stages move it on; the sums over all files are kept by `Backlog`. */
export interface SpoolFile {
  readonly partition: SpoolPartition;
  id: string;
  /** An id that a rename which failed may have given it. */
  nextId?: string | undefined;
  state: FileState;
  /** What of it is in the spool now: the .lp.open, the .lp or the .gz. */
  path: string;
  sizeBytes: number;
  /** Looked for, and not found in the spool. */
  isGone?: boolean;
  /** What it was made from, and could not be removed; counted in `sizeBytes`. */
  leftover?: string;
  /** Whether a put under this id was begun. */
  tried: boolean;
  /** Of this run's writes; 0 for a recovered file. */
  lines: number;
  /** Of all its lines; `undefined` if they must be read again: of a recovered file, or of one in quarantine. */
  facts: LineSummary | undefined;
  /** When its first lines were acked, ms by the sink's steady clock; for a recovered file when it was opened, or found if that is earlier. */
  readonly sinceMs: number;
  parkedMs?: number;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** The files that are not stored yet, what they add up to, and who waits for them. */
export class Backlog {
  readonly #waiters = new Map<SpoolFile, Set<Waiter>>();
  readonly #onRoom: () => void;
  #abandoned: SinkError | undefined;
  #bytes = 0;
  #stored = 0;

  /** `onRoom` is called whenever the spool takes less space than before. */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /** Everything the spool holds, ever stored files that are not removed yet. */
  files(): SpoolFile[] {
    return [...this.#waiters.keys()];
  }

  get spooledBytes(): number {
    return this.#bytes;
  }

  get storedFiles(): number {
    return this.#stored;
  }

  count(counts: (file: SpoolFile) => boolean): number {
    let count = 0;
    for (const file of this.#waiters.keys()) if (counts(file)) count += 1;
    return count;
  }

  /** When the oldest lines that are not stored were acked; `undefined` if all are stored. */
  oldestMs(): number | undefined {
    let oldest: number | undefined;
    for (const { state, sinceMs } of this.#waiters.keys()) {
      if (state !== 'stored' && (oldest === undefined || sinceMs < oldest)) oldest = sinceMs;
    }
    return oldest;
  }

  add(file: SpoolFile): void {
    this.#waiters.set(file, new Set());
    this.#bytes += file.sizeBytes;
  }

  resize(file: SpoolFile, sizeBytes: number): void {
    const shrunk = sizeBytes < file.sizeBytes;
    this.#bytes += sizeBytes - file.sizeBytes;
    file.sizeBytes = sizeBytes;
    if (shrunk) this.#onRoom();
  }

  stored(file: SpoolFile): void {
    file.state = 'stored';
    this.#stored += 1;
    this.#settle(file, (waiter) => waiter.resolve());
  }

  park(file: SpoolFile, error: SinkError, nowMs: number): void {
    file.state = 'parked';
    file.parkedMs = nowMs;
    this.#settle(file, (waiter) => waiter.reject(error));
  }

  /** To be called when nothing of a file is left on the disk: it is stored, or was nothing but damage. */
  remove(file: SpoolFile): void {
    this.#settle(file, (waiter) => waiter.reject(lostError(file)));
    if (!this.#waiters.delete(file)) return;
    this.#bytes -= file.sizeBytes;
    this.#onRoom();
  }

  /** To be called for a file that held nothing acked, once it is removed. */
  forget(file: SpoolFile): void {
    this.#settle(file, (waiter) => waiter.resolve());
    this.remove(file);
  }

  /**
   * @throws SinkError `PARKED`, `SPOOL_UNWRITABLE` if the disk lost the file, what the backlog was abandoned with; the
   * signal's reason
   */
  async whenStored(file: SpoolFile, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (file.state === 'stored') return;
    if (file.state === 'parked') throw parkedError(file, undefined);
    const waiters = this.#waiters.get(file);
    if (waiters === undefined) throw lostError(file);
    if (this.#abandoned !== undefined) throw this.#abandoned;
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => waiter.reject(signal?.reason);
      const done = () => {
        waiters.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        resolve: () => {
          done();
          resolve();
        },
        reject: (reason) => {
          done();
          reject(reason);
        },
      };
      waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Nobody will store anything any more: whoever waits is told, and whoever comes to wait. */
  abandon(error: SinkError): void {
    this.#abandoned ??= error;
    for (const file of this.#waiters.keys()) this.#settle(file, (waiter) => waiter.reject(error));
  }

  #settle(file: SpoolFile, settle: (waiter: Waiter) => void): void {
    for (const waiter of [...(this.#waiters.get(file) ?? [])]) settle(waiter);
  }
}

function lostError({ path }: SpoolFile): SinkError {
  return new SinkError('SPOOL_UNWRITABLE', `The disk kept nothing of ${path}: what was written to it is lost.`);
}

export function parkedError(file: SpoolFile, cause: unknown): SinkError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new SinkError(
    'PARKED',
    `The storage refuses ${file.path} for good${why}. It is kept there and tried again hourly, by flush() and at the next open: remove the cause.`,
    { cause },
  );
}
