import { listen } from '@ceres/internal';
import { SinkError } from '../../errors';
import type { SpoolFile } from './spool-file';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Holds the files that are not stored yet, what they add up to, and who waits for them. */
export class Backlog {
  readonly #waiters = new Map<SpoolFile, Set<Waiter>>();
  readonly #onRoom: () => void;
  readonly #onAdd: (file: SpoolFile) => void;
  #abandoned: SinkError | undefined;
  #bytes = 0;
  #stored = 0;

  /**
   * @param onRoom is called whenever the spool takes less space than before
   * @param onAdd is called with every file that it is given
   */
  constructor(onRoom: () => void, onAdd: (file: SpoolFile) => void = () => undefined) {
    this.#onRoom = onRoom;
    this.#onAdd = onAdd;
  }

  /** Returns everything the spool holds, including stored files that are not removed yet. */
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

  /** Returns when the oldest lines that are not stored were acked; `undefined` if all are stored. */
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
    file.onResize((byBytes) => {
      this.#bytes += byBytes;
      if (byBytes < 0) this.#onRoom();
    });
    this.#onAdd(file);
  }

  /** The storage has the file. */
  store(file: SpoolFile): void {
    file.store();
    this.#stored += 1;
    this.#settle(file, (waiter) => waiter.resolve());
  }

  /** The storage refuses the file for good. */
  park(file: SpoolFile, error: SinkError, nowMs: number): void {
    file.park(nowMs);
    this.#settle(file, (waiter) => waiter.reject(error));
  }

  /** Nothing of the file is left on the disk: it is stored, or was nothing but damage. */
  remove(file: SpoolFile): void {
    if (file.state === 'stored') file.remove();
    else file.lose();
    this.#settle(file, (waiter) => waiter.reject(lostError(file)));
    this.#drop(file);
  }

  /** Nothing of the file is left on the disk, and it held nothing that was acked. */
  forget(file: SpoolFile): void {
    file.remove();
    this.#settle(file, (waiter) => waiter.resolve());
    this.#drop(file);
  }

  /**
   * Waits until the storage has the file.
   *
   * @throws SinkError `PARKED`, `SPOOL_UNWRITABLE` if the disk lost the file, what the backlog was abandoned with; the
   * signal's reason
   */
  async whenStored(file: SpoolFile, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (file.state === 'stored' || file.state === 'removed') return;
    if (file.state === 'parked') throw parkedError(file, undefined);
    const waiters = this.#waiters.get(file);
    if (waiters === undefined) throw lostError(file);
    if (this.#abandoned !== undefined) throw this.#abandoned;
    await new Promise<void>((resolve, reject) => {
      const unlisten = signal && listen(signal, () => waiter.reject(signal.reason));
      const done = () => {
        waiters.delete(waiter);
        unlisten?.();
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
    });
  }

  /** Nothing will be stored any more: rejects who waits now, and who waits later. */
  abandon(error: SinkError): void {
    this.#abandoned ??= error;
    for (const file of this.#waiters.keys()) this.#settle(file, (waiter) => waiter.reject(error));
  }

  #drop(file: SpoolFile): void {
    this.#waiters.delete(file);
    this.#bytes -= file.sizeBytes;
    this.#onRoom();
  }

  #settle(file: SpoolFile, settle: (waiter: Waiter) => void): void {
    for (const waiter of [...(this.#waiters.get(file) ?? [])]) settle(waiter);
  }
}

function lostError({ path }: SpoolFile): SinkError {
  return new SinkError(
    'SPOOL_UNWRITABLE',
    `The disk kept nothing whole of ${path}: what was written to it is lost. Write it again if its source still has it, and check the disk.`,
  );
}

/** Returns the error that says why a file was parked. */
export function parkedError(file: SpoolFile, cause: unknown): SinkError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new SinkError(
    'PARKED',
    `The storage refuses ${file.path} for good${why}. It is kept there and retried hourly, by flush() and at the next open: remove the cause.`,
    { cause },
  );
}
