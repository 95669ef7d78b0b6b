import { type FileHandle, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { countOf, errnoOf, remedyOf } from '@ceres/internal';
import { RestoreError } from '../../errors';
import { syncFolder } from '../../journal/durable-folders';
import { VolumeFolder } from '../../journal/volume-folder';

/** Says why the server does not hold a record: InfluxDB refused it, or it is not line protocol. */
export type RejectCode =
  | 'TYPE_CONFLICT' // a field has another type on the server
  | 'LIMIT' // it exceeds max-series-per-database or max-values-per-tag
  | 'TOO_LONG' // a string over 1,048,576 bytes, which InfluxDB refuses from 1.9 on
  | 'WRITE_WINDOW' // outside the write limits of the policy, which InfluxDB 1.12 has
  | 'TOO_LARGE' // the record alone is larger than the server accepts in a request
  | 'NO_TIMESTAMP' // the server would store it at the time of the restore
  | 'UNPARSEABLE' // the server cannot parse it, for a reason without a code here
  | (string & {}); // the code of a LineProtocolError

const pendingBytesMax = 1024 * 1024;

/** The folder for records that the server refuses: one file per source file, under the source file's key. */
export class RejectsFolder {
  readonly #folder: VolumeFolder;
  readonly #isResume: boolean;

  private constructor(folder: VolumeFolder, isResume: boolean) {
    this.#folder = folder;
    this.#isResume = isResume;
  }

  /**
   * Opens the folder, and checks that it can be written before anything is sent.
   *
   * @param isResume whether rejected records that the folder already holds for a file are this restore's own, from before a
   *   kill, and are replaced. In a first run they belong to another restore, and stay
   * @throws RestoreError `REJECTS_UNWRITABLE`
   */
  static async open(path: string, { isResume }: { readonly isResume: boolean }): Promise<RejectsFolder> {
    return new RejectsFolder(await orUnwritable(resolve(path), () => VolumeFolder.open(path)), isResume);
  }

  /**
   * Returns where to put the rejected records of a source file. Nothing is created until there is one.
   *
   * @param key the key of the source file
   */
  file(key: string): RejectedRecords {
    const path = join(this.#folder.path, key.replace(/\.gz$/, '.rejects'));
    return new RejectedRecords({ folder: this.#folder, path, hasLeftovers: this.#isResume });
  }
}

/**
 * The rejected records of one source file. Each one is `# CERES-REASON: code=… bytes=<n>`, then n raw bytes and LF. The
 * name ends in `.part` until the source file is done, because a replay of the source file starts it over.
 */
export class RejectedRecords {
  readonly #folder: VolumeFolder;
  readonly #path: string;
  readonly #hasLeftovers: boolean;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #handle: FileHandle | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param hasLeftovers whether an earlier replay of the source file may have left rejected records to replace */
  constructor({ folder, path, hasLeftovers }: { folder: VolumeFolder; path: string; hasLeftovers: boolean }) {
    this.#folder = folder;
    this.#path = path;
    this.#hasLeftovers = hasLeftovers;
  }

  /** The path of the records until the source file is done. */
  get partPath(): string {
    return `${this.#path}.part`;
  }

  /** Adds a copy of a record. */
  add(code: RejectCode, record: Uint8Array): void {
    const reason = Buffer.from(`# CERES-REASON: code=${code} bytes=${record.length}\n`);
    const entry = Buffer.concat([reason, record, Buffer.from('\n')]);
    this.#pending.push(entry);
    this.#pendingBytes += entry.length;
  }

  /** Writes what is pending if it takes much memory. Call it after adding records. */
  async spill(): Promise<void> {
    if (this.#pendingBytes >= pendingBytesMax) await this.#write();
  }

  /** Makes the records durable under their final name. Creates nothing if no record was rejected. */
  async publish(): Promise<void> {
    await this.#write();
    const handle = this.#handle;
    if (handle === undefined) {
      if (this.#hasLeftovers) await orUnwritable(this.#folder.path, () => this.#removeLeftovers());
      return;
    }
    await orUnwritable(this.#folder.path, async () => {
      await handle.datasync();
      await handle.close();
      await rename(this.partPath, this.#path);
      await syncFolder(dirname(this.#path));
    });
    this.#handle = undefined;
  }

  /** Writes what is pending, and leaves the file as `.part`. */
  async abandon(): Promise<void> {
    try {
      await this.#write();
    } finally {
      await this.#handle?.close();
      this.#handle = undefined;
    }
  }

  async #removeLeftovers(): Promise<void> {
    let removed = 0;
    for (const path of [this.partPath, this.#path]) {
      try {
        await unlink(path);
        removed += 1;
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
    }
    if (removed > 0) await syncFolder(dirname(this.#path));
  }

  /** Writes one after the other, because several lanes reject records of one file. */
  async #write(): Promise<void> {
    this.#writing = this.#writing.then(() => orUnwritable(this.#folder.path, () => this.#writePending()));
    await this.#writing;
  }

  async #writePending(): Promise<void> {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#handle ??= await this.#folder.create(this.partPath);
    await this.#handle.appendFile(bytes);
  }
}

async function orUnwritable<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const message = `The folder for rejected records, ${folder}, cannot be written (${(error as Error).message}).`;
    const todo = `${remedyOf(error)}, or choose another folder with rejectsDir (--rejects-dir).`;
    throw new RestoreError('REJECTS_UNWRITABLE', `${message} ${todo}`, { cause: error });
  }
}

/** Counts rejected records, including those of earlier runs, up to the number that stops a restore. */
export class RejectBudget {
  readonly #max: number;
  #spent: number;

  constructor(max: number, spent: number) {
    this.#max = max;
    this.#spent = spent;
  }

  /**
   * Counts one more rejected record.
   *
   * @param path where the record is kept
   * @throws RestoreError `TOO_MANY_REJECTS`
   */
  spend(path: string): void {
    this.#spent += 1;
    if (this.#spent <= this.#max) return;
    const message = `The server refused more than ${countOf(this.#max, 'record')}. The latest one and its reason are in ${path}.`;
    const todo = 'Fix the cause, or raise rejectsMax (--rejects-max), then run the same command again to resume.';
    throw new RestoreError('TOO_MANY_REJECTS', `${message} ${todo}`);
  }
}
