import { join } from 'node:path';
import { errnoOf } from '@ceres/internal';
import { type Clock, type FileSystem, type ObjectBody, retry } from '@ceres/storage';
import { unwritable } from '../errors';
import { encodeBackupFile, encodeQuarantineFile } from '../lines/backup-file';
import { Slots } from '../scheduling/slots';
import type { SpoolDirectories } from '../spool/disk/directories';
import type { Backlog, SpoolFile } from '../spool/files/backlog';
import { fileBody, foundBody, memoryBody } from '../spool/files/body';
import { CannotWrite, type GzFacts, writeGz } from '../spool/files/gz-file';
import { FileGone, relocate } from '../spool/files/relocate';
import { formatSpoolFileName, formatTemporaryName } from '../spool/layout';
import { keepDamage } from '../spool/recovery/keep-damage';
import { SegmentDamage, withSegment } from '../spool/segment/read-segment';

/** What compression needs of the sink. */
export interface CompressEnvironment {
  readonly fs: FileSystem;
  readonly directories: SpoolDirectories;
  readonly clock: Clock;
  readonly backlog: Backlog;
  readonly gzipLevel: number;
  readonly signal: AbortSignal;
  /** Rejects once another sink took the spool over. */
  assertOwned(): Promise<void>;
  /** Told of every fault. */
  failed(error: unknown, what: { readonly path: string }): void;
  /** Told where the rest of a file is that the disk did not keep. */
  damaged(path: string): void;
}

/** A file ready to be put. */
export interface Packed {
  readonly body: ObjectBody;
  /** To be called when the body is not needed any more. */
  release(): void;
}

/** gzip runs on libuv's four threads, which fsync needs too. */
const filesAtOnce = 2;

/**
 * Makes the `.gz` of a sealed file, once: tmp → fsync → rename → fsync of the directory → unlink of the `.lp`. Every put,
 * also after a restart, then sends the same bytes.
 *
 * Where the disk takes no new file (it is full, or read-only by now) the gzip is made in memory, one file at a time, so
 * that the spool drains without space; the `.lp` stays until it is stored.
 */
export class Compressor {
  readonly #shared: CompressEnvironment;
  readonly #slots = new Slots(filesAtOnce);
  readonly #memory = new Slots(1);
  readonly #working = new Set<Promise<unknown>>();

  constructor(shared: CompressEnvironment) {
    this.#shared = shared;
  }

  /**
   * Tries for ever. `undefined` for a file that turned out to hold nothing but damage.
   *
   * @throws FileGone; SinkError `SPOOL_LOCKED`; the signal's reason
   */
  async compress(file: SpoolFile): Promise<Packed | undefined> {
    const { clock, signal, failed } = this.#shared;
    const attempt = () => {
      const work = this.#attempt(file).catch((error: unknown) => {
        throw unwritable(file.path, error); // whatever it is: a file that is given up would stay unstored till the next open
      });
      const settled = work.then(
        (packed) => signal.aborted && packed?.release(), // nobody waits for it any more
        () => undefined,
      );
      this.#working.add(settled);
      void settled.then(() => this.#working.delete(settled));
      return work;
    };
    const onRetry = (error: unknown) => failed(error, { path: file.path });
    return await retry(attempt, { attemptsMax: Infinity, clock, signal, onRetry });
  }

  /** Resolves when the disk is left alone: `compress` gives up at once when the signal aborts, a call in the kernel does not. */
  async idle(): Promise<void> {
    await Promise.all(this.#working);
  }

  async #attempt(file: SpoolFile): Promise<Packed | undefined> {
    const { fs, failed } = this.#shared;
    try {
      await this.#assertGoingOn();
      return await this.#slots.run(() => (file.state === 'packed' ? this.#found(file) : this.#toDisk(file)));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' && !(await relocate(fs, file))) {
        await this.#assertGoingOn(); // else it is where another sink put it
        throw new FileGone(file.path);
      }
      if (!(error instanceof CannotWrite)) throw error;
      failed(error.cause, { path: file.path });
    }
    return await this.#toMemory(file);
  }

  async #assertGoingOn(): Promise<void> {
    this.#shared.signal.throwIfAborted();
    await this.#shared.assertOwned();
  }

  /** In a slot too: an earlier run may have left thousands. */
  async #found(file: SpoolFile): Promise<Packed> {
    await this.#assertGoingOn();
    return { body: await foundBody(this.#shared.fs, file), release };
  }

  async #toDisk(file: SpoolFile): Promise<Packed | undefined> {
    const { fs, directories, backlog } = this.#shared;
    const { directory } = file.partition;
    const temporary = join(directory, formatTemporaryName(file.id));
    await this.#assertGoingOn();
    const written = await this.#encode(file, (gz) => this.#writeTemporary(temporary, gz));
    if (written === undefined) return undefined;

    await this.#assertGoingOn();
    const sealed = file.path;
    const packed = join(directory, formatSpoolFileName({ id: file.id, kind: 'gz', tried: file.tried }));
    await directories.change(directory, () => fs.rename(temporary, packed));
    file.path = packed;
    file.state = 'packed';
    if (await this.#unlink(sealed)) {
      backlog.resize(file, written.sizeBytes);
    } else {
      file.leftover = sealed;
      backlog.resize(file, written.sizeBytes + file.sizeBytes);
    }
    return { body: fileBody(fs, file, written.sizeBytes, written.md5), release };
  }

  async #toMemory(file: SpoolFile): Promise<Packed | undefined> {
    const giveBack = await this.#memory.acquire();
    try {
      await this.#assertGoingOn();
      const body = await this.#encode(file, memoryBody);
      if (body !== undefined) return { body, release: giveBack };
      giveBack();
      return undefined;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** `undefined` if nothing of it is whole. */
  async #encode<T>(file: SpoolFile, take: (gz: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T | undefined> {
    const { fs, gzipLevel } = this.#shared;
    return await withSegment(fs, file.path, file.sizeBytes, async (segment) => {
      if (segment !== undefined && file.facts !== undefined) {
        try {
          return await take(encodeBackupFile(segment.upTo(file.sizeBytes), file.facts, gzipLevel));
        } catch (error) {
          if (!(error instanceof SegmentDamage)) throw error;
          file.facts = undefined; // they are not those of what is left
        }
      }
      const end = await segment?.verifiedEnd();
      if (end !== file.sizeBytes) await this.#keepDamage(file, end ?? 0);
      if (segment === undefined || end === undefined) return undefined;
      const content = segment.upTo(end);
      if (file.partition.quarantine) return await take(encodeQuarantineFile(content, gzipLevel));
      return await take(encodeBackupFile(content, undefined, gzipLevel));
    });
  }

  /** Leaves nothing behind if it fails; what cannot be removed now is removed at the next open. */
  async #writeTemporary(path: string, gz: AsyncIterable<Uint8Array>): Promise<GzFacts> {
    try {
      return await writeGz(this.#shared.fs, path, gz);
    } catch (error) {
      await this.#unlink(path);
      throw error;
    }
  }

  /** Whether it is gone; if not it is told. */
  async #unlink(path: string): Promise<boolean> {
    try {
      await this.#shared.fs.unlink(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') {
        this.#shared.failed(error, { path });
        return false;
      }
    }
    return true;
  }

  async #keepDamage(file: SpoolFile, from: number): Promise<void> {
    const kept = join(file.partition.directory, formatSpoolFileName({ id: file.id, kind: 'damaged', tried: false }));
    await keepDamage(this.#shared, file.path, from, kept);
    this.#shared.damaged(kept);
  }
}

function release(): void {}
