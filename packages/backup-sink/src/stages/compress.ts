import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '@ceres/internal';
import { LineProtocolError } from '@ceres/lineproto';
import { type ObjectBody, retry } from '@ceres/storage';
import { asError, unwritable } from '../errors';
import { encodeBackupFile } from '../lines/backup-file';
import { encodeQuarantineFile } from '../lines/quarantine';
import { Slots } from '../scheduling/slots';
import { isDiskFull } from '../spool/disk/reserve';
import { assertOnDevice } from '../spool/disk/volume';
import { CannotWrite, fileBody, foundBody, type GzDigest, memoryBody, writeGz } from '../spool/files/compressed-file';
import { setAside } from '../spool/files/prove-gz';
import { FileGone, relocate } from '../spool/files/relocate';
import type { SpoolFile } from '../spool/files/spool-file';
import { formatSpoolFileName, formatTemporaryName } from '../spool/layout';
import { keepDamage } from '../spool/recovery/keep-damage';
import { SegmentDamage, withSegment } from '../spool/segment/read-segment';
import type { SpoolWork } from '../spool/spool-work';

/** What compression needs. */
export interface Compression extends SpoolWork {
  readonly gzipLevel: number;
  readonly spoolDir: string;
  /** The device that the spool's lock lies on; `undefined` if the file system does not say. */
  readonly device: number | undefined;
  /** Says if a put would begin at once: the name of a new `.gz` may then say that it was tried, which spares the file another rename. */
  readonly isUploadFree: () => boolean;
  /** Says if no write came for a moment, so that the processors are free. */
  readonly isQuiet: () => boolean;
}

/** A file ready to be put. */
export interface CompressedFile {
  readonly body: ObjectBody;
  /** Call it when the body is no longer needed. */
  release(): void;
}

/** gzip runs on libuv's four threads, which fsync needs too; and it leaves one core to the event loop, where there are two. */
const gzipsAtOnce = availableParallelism() > 2 ? 2 : 1;
/** While nothing is written, it takes that core too: after a `flush()` of many partitions, their files wait for little else. */
const gzipsWhenQuiet = Math.min(2, availableParallelism());
/** While the disk makes some files durable, others are compressed: with small files, that takes most of the time. */
const filesAtOnce = 8;

/**
 * The fourth stage: makes the `.gz` of a sealed file, once: tmp → fsync → rename → fsync of the directory → unlink of the `.lp`. Every put,
 * even after a restart, then sends the same bytes.
 *
 * Where the disk takes no new file (it is full or has become read-only) the gzip is made in memory, one file at a time, so
 * that the spool drains without space; the `.lp` stays until it is stored.
 */
export class Compressor {
  readonly #work: Compression;
  readonly #files = new Slots(filesAtOnce);
  readonly #gzips = new Slots(() => (this.#work.isQuiet() ? gzipsWhenQuiet : gzipsAtOnce));
  readonly #memory = new Slots(1);
  readonly #attempts = new Set<Promise<unknown>>();

  constructor(work: Compression) {
    this.#work = work;
  }

  /**
   * Compresses a file, and retries forever. Resolves with `undefined` for a file that holds nothing but damage.
   *
   * @throws FileGone; SinkError `SPOOL_LOCKED`; the signal's reason
   */
  async compress(file: SpoolFile): Promise<CompressedFile | undefined> {
    const { clock, signal, reporter } = this.#work;
    const attempt = () => {
      const work = this.#attempt(file).catch((error: unknown) => {
        throw unwritable(file.path, error); // whatever it is, it is retried: otherwise the file would stay unstored until the next open
      });
      const settled = work.then(
        (compressed) => signal.aborted && compressed?.release(), // retry() has given up, and so nothing else releases it
        () => undefined,
      );
      this.#attempts.add(settled);
      void settled.then(() => this.#attempts.delete(settled));
      return work;
    };
    const onRetry = (error: unknown) => reporter.failed(error, file.path);
    return await retry(attempt, { attemptsMax: Infinity, clock, signal, onRetry });
  }

  /** Resolves when the disk is left alone: when the signal aborts, `compress` gives up at once, but a call in the kernel does not. */
  async idle(): Promise<void> {
    await Promise.all(this.#attempts);
  }

  async #attempt(file: SpoolFile): Promise<CompressedFile | undefined> {
    const { disk, reporter } = this.#work;
    try {
      await this.#assertMayGoOn();
      // What was put from memory before stays there: the bytes of a `.gz` are those of every attempt, which the ledger relies on.
      if (file.state === 'sealed' && file.tried) return await this.#toMemory(file);
      return await this.#files.run(() => (file.state === 'compressed' ? this.#found(file) : this.#toDisk(file)));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' && !(await relocate(disk.fs, file))) {
        await this.#assertMayGoOn(); // otherwise the file is where another sink put it
        throw new FileGone(file.path);
      }
      if (!(error instanceof CannotWrite)) throw error;
      reporter.failed(error.cause, file.path);
    }
    return await this.#toMemory(file);
  }

  async #assertMayGoOn(): Promise<void> {
    this.#work.signal.throwIfAborted();
    await this.#work.lock.assertHeld();
  }

  /** Reads a `.gz` of an earlier run. This takes a slot, too: there may be thousands of them. Gives `undefined` for a damaged one. */
  async #found(file: SpoolFile): Promise<CompressedFile | undefined> {
    const { disk, reporter } = this.#work;
    await this.#assertMayGoOn();
    const body = await this.#gzips.run(() => foundBody(disk.fs, file));
    if (body !== undefined) return { body, release };
    await this.#assertMayGoOn();
    reporter.damagedGz(await setAside(disk, file.path, file.id));
    return undefined;
  }

  async #toDisk(file: SpoolFile): Promise<CompressedFile | undefined> {
    const { fs, directories } = this.#work.disk;
    const { directory } = file.partition;
    const temporary = join(directory, formatTemporaryName(file.id));
    await this.#assertMayGoOn();
    const written = await this.#encode(file, (gz) => this.#writeTemporary(temporary, this.#inSlot(gz)));
    if (written === undefined) return undefined;

    await this.#assertMayGoOn();
    const tried = file.tried || this.#work.isUploadFree();
    const compressed = join(directory, formatSpoolFileName({ id: file.id, kind: 'gz', tried }));
    await directories.change(directory, () => this.#nameTemporary(temporary, compressed));
    const isUnlinked = await this.#unlink(file.path);
    file.compress(compressed, written.sizeBytes, { hasLeftover: !isUnlinked, isMarkedTried: tried });
    return { body: fileBody(fs, file, written), release };
  }

  /** Holds a slot for as long as there is something to compress, and not while the result is made durable. */
  async *#inSlot(gz: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const giveBack = await this.#gzips.acquire();
    try {
      yield* gz;
    } finally {
      giveBack();
    }
  }

  async #toMemory(file: SpoolFile): Promise<CompressedFile | undefined> {
    const giveBack = await this.#memory.acquire();
    try {
      await this.#assertMayGoOn();
      const body = await this.#encode(file, memoryBody);
      if (body !== undefined) return { body, release: giveBack };
      giveBack();
      return undefined;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Hands the gzip of a file to `take`; gives `undefined` if nothing of the file is whole. */
  async #encode<T>(file: SpoolFile, take: (gz: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T | undefined> {
    const { disk, gzipLevel } = this.#work;
    return await withSegment(disk.fs, file.path, file.sizeBytes, async (segment) => {
      if (segment !== undefined && file.summary !== undefined) {
        try {
          return await take(encodeBackupFile(segment.upTo(file.sizeBytes), file.summary, gzipLevel));
        } catch (error) {
          if (!(error instanceof SegmentDamage || error instanceof LineProtocolError)) throw error;
          file.forgetSummary();
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
  async #writeTemporary(path: string, gz: AsyncIterable<Uint8Array>): Promise<GzDigest> {
    try {
      const { disk, device, spoolDir } = this.#work;
      return await writeGz(disk.fs, path, gz, (handle) => assertOnDevice(handle, device, spoolDir));
    } catch (error) {
      await this.#unlink(path);
      throw error;
    }
  }

  /** A directory may need a new block for a name: on a full disk the gzip is then made in memory. Leaves nothing behind if it fails. */
  async #nameTemporary(temporary: string, compressed: string): Promise<void> {
    try {
      await this.#work.disk.fs.rename(temporary, compressed);
    } catch (error) {
      for (const name of [temporary, compressed]) await this.#unlink(name); // it may have happened all the same
      throw isDiskFull(error) ? new CannotWrite(asError(error).message, { cause: error }) : error;
    }
  }

  /** Resolves with `true` if the file is gone; otherwise reports why not. */
  async #unlink(path: string): Promise<boolean> {
    try {
      await this.#work.disk.fs.unlink(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') {
        this.#work.reporter.failed(error, path);
        return false;
      }
    }
    return true;
  }

  async #keepDamage(file: SpoolFile, from: number): Promise<void> {
    const kept = join(file.partition.directory, formatSpoolFileName({ id: file.id, kind: 'damaged', tried: false }));
    await keepDamage(this.#work.disk, file.path, from, kept);
    this.#work.reporter.damaged(kept);
  }
}

function release(): void {}
