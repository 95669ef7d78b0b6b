import { type FileHandle, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errnoOf, makeDirectoryDurable, nodeFileSystem, syncDirectory } from '@ceres/internal';
import { RestoreError } from '../../errors';

/** Why a record is not in the server: InfluxDB's verdict, or that of the line protocol. */
export type RejectCode =
  | 'TYPE_CONFLICT' // a field has another type in the server
  | 'LIMIT' // max-series-per-database or max-values-per-tag
  | 'TOO_LARGE' // more bytes in one record than the server takes in a request
  | 'NO_TIMESTAMP' // the server would give it the time of the restore
  | 'UNPARSEABLE' // the server cannot parse it, for a reason that has no code here
  | 'NOT_ISOLATED' // among records of which some were refused, and finding out which took too many requests
  | (string & {}); // of a LineProtocolError

const pendingBytesMax = 1024 * 1024;

/** The folder for what the server will not take: one file per source file, under the source file's key. */
export class RejectsFolder {
  readonly #path: string;
  readonly #isResume: boolean;

  private constructor(path: string, isResume: boolean) {
    this.#path = path;
    this.#isResume = isResume;
  }

  /**
   * Makes sure before anything is sent that the folder can be written.
   *
   * @param isResume what the folder holds of a file that is replayed now is this restore's own, of before a kill; in a
   *   first run it is another's, and stays
   * @throws RestoreError `REJECTS_UNWRITABLE`
   */
  static async open(path: string, { isResume }: { readonly isResume: boolean }): Promise<RejectsFolder> {
    const folder = resolve(path);
    await orUnwritable(folder, async () => {
      await makeDirectoryDurable(nodeFileSystem, folder);
      const probe = join(folder, '.writable');
      await (await open(probe, 'w')).close();
      await rm(probe, { force: true }); // parts of one plan share the folder, and the probe
    });
    return new RejectsFolder(folder, isResume);
  }

  /** @param key of the source file; nothing is created until a record is rejected */
  file(key: string): RejectedRecords {
    const path = join(this.#path, key.replace(/\.gz$/, '.rejects'));
    return new RejectedRecords({ folder: this.#path, path, hasLeftovers: this.#isResume });
  }
}

/**
 * The rejected records of one source file: `# CERES-REASON: code=… bytes=<n>`, then n raw bytes and LF, each. It has the
 * ending `.part` until the source file is done: a replay of it begins anew.
 */
export class RejectedRecords {
  readonly #folder: string;
  readonly #path: string;
  readonly #hasLeftovers: boolean;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #handle: FileHandle | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param hasLeftovers an earlier replay of the source file may have left rejects, which those of this one replace */
  constructor({ folder, path, hasLeftovers }: { folder: string; path: string; hasLeftovers: boolean }) {
    this.#folder = folder;
    this.#path = path;
    this.#hasLeftovers = hasLeftovers;
  }

  get partPath(): string {
    return `${this.#path}.part`;
  }

  /** @param record copied */
  add(code: RejectCode, record: Uint8Array): void {
    const reason = Buffer.from(`# CERES-REASON: code=${code} bytes=${record.length}\n`);
    const entry = Buffer.concat([reason, record, Buffer.from('\n')]);
    this.#pending.push(entry);
    this.#pendingBytes += entry.length;
  }

  /** Bounds the memory; to be called after some were added. */
  async spill(): Promise<void> {
    if (this.#pendingBytes >= pendingBytesMax) await this.#write();
  }

  /** Durable, under its final name. Creates nothing if no record was rejected. */
  async publish(): Promise<void> {
    await this.#write();
    const handle = this.#handle;
    if (handle === undefined) {
      if (this.#hasLeftovers) await orUnwritable(this.#folder, () => this.#removeLeftovers());
      return;
    }
    await orUnwritable(this.#folder, async () => {
      await handle.datasync();
      await handle.close();
      await rename(this.partPath, this.#path);
      await syncDirectory(nodeFileSystem, dirname(this.#path));
    });
    this.#handle = undefined;
  }

  /** Leaves what there is as `.part`. */
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
    if (removed > 0) await syncDirectory(nodeFileSystem, dirname(this.#path));
  }

  /** One after the other: several lanes reject records of one file. */
  async #write(): Promise<void> {
    this.#writing = this.#writing.then(() => orUnwritable(this.#folder, () => this.#writePending()));
    await this.#writing;
  }

  async #writePending(): Promise<void> {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#handle === undefined) {
      await makeDirectoryDurable(nodeFileSystem, this.#folder, dirname(this.#path));
      this.#handle = await open(this.partPath, 'w');
    }
    await this.#handle.appendFile(bytes);
  }
}

async function orUnwritable(folder: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const message = `The folder for rejected records, ${folder}, cannot be written (${(error as Error).message}).`;
    throw new RestoreError('REJECTS_UNWRITABLE', `${message} Name one that can: rejects (--rejects).`, {
      cause: error,
    });
  }
}

/** Counts rejected records, those of earlier runs included, up to the number that stops a restore. */
export class RejectBudget {
  readonly #max: number;
  #spent: number;

  constructor(max: number, spent: number) {
    this.#max = max;
    this.#spent = spent;
  }

  /**
   * @param path where the record is kept
   * @throws RestoreError `TOO_MANY_REJECTS`
   */
  spend(path: string): void {
    this.#spent += 1;
    if (this.#spent <= this.#max) return;
    const message = `The server refused more than ${this.#max} records; the latest, with the reason, is in ${path}.`;
    const todo = 'Mend the cause, or raise rejectsMax (--max-rejects), and run the same command again to go on.';
    throw new RestoreError('TOO_MANY_REJECTS', `${message} ${todo}`);
  }
}
