import assert from 'node:assert/strict';
import { LineProtocolError } from '../../errors';
import { type DecodeFileOptions, resolveDecodeFileOptions, type SplitLimits } from '../../options';
import { type Batch, LineSplitter } from '../../scan/line-splitter';
import type { FileHeader } from '../header/file-header';
import { Deferred, markHandled } from './deferred';
import { gunzip } from './gunzip/gunzip';
import type { InflateRoom } from './gunzip/inflate-room';
import { type FileOpening, openFile } from './open-file';
import type { BlockDigests, FileText } from './proof/block-digests';
import { AllChecks, type BodyChecks, NoChecks } from './proof/body-checks';
import type { FileDamage, FileIntegrity } from './proof/file-integrity';
import { isContextOrFooter } from './proof/footer-check';

/** Records of a file. */
export interface DecodedBatch extends Batch {
  /** The policy of these records, in a file that switches between policies. */
  readonly retentionPolicy?: string;
}

/** A backup file that is being read. Iterate once. `header` may be awaited before; `integrity` settles when the iteration ends. */
export interface DecodedFile extends AsyncIterable<DecodedBatch> {
  readonly header: Promise<FileHeader>;
  readonly integrity: Promise<FileIntegrity>;
}

/**
 * Reads a backup file: its header, its records in batches cut at record boundaries, and whether it is what was written. What is wrong
 * is known only in the end: to use no line of a damaged file, read it twice.
 *
 * - The whole file is checked: the gzip data and its CRC-32, the header against its own checksum and against the `place` where the
 *   file is stored, the footer, which every file of this system ends with, and the summary against the lines.
 * - A file cut off at any byte yields every whole record before the cut, and is `corrupt`. A last line without LF is not whole,
 *   except in a file from an older system that is whole as gzip: InfluxDB's importer drops that line, and here it is delivered with a
 *   LF. If it never ends, it has swallowed the rest, and the file is `corrupt`.
 * - Damaged gzip data yields what came before it, except for the last 256 KiB or less.
 * - Zeros after the last gzip member are ignored, and so is garbage if a footer certifies what is before it. Other comments and blank lines are skipped, as by InfluxDB's importer.
 * - A body that switches to another database or precision, or to a policy that the header does not announce as `mixed`, is
 *   `corrupt` there and is read no further.
 *
 * Memory is bounded by the limits, by 25,000,000 bytes for one record (a longer one is `corrupt`), and by 13 MB for each
 * of two steps of inflation. If the caller ends the iteration early, `gz` is closed and the integrity is `unsealed`.
 *
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs';
 *
 * const file = decodeFile(createReadStream('backup.gz'), { batchBytesMax: 1_000_000, batchLinesMax: 5_000 });
 * const { database } = await file.header;
 * for await (const { bytes, lines } of file) console.log(database, lines, bytes.byteLength);
 * const { status } = await file.integrity; // 'sealed': the footer certifies every line
 * ```
 *
 * @throws LineProtocolError `INVALID_OPTIONS` at once; and from `header`, `integrity` and the iteration `NOT_A_BACKUP_FILE` for what is
 * not gzip or has no header. If the file was cut off within its header, only `header` rejects: the file has no lines. What `gz`
 * throws is passed on in the same way.
 */
export function decodeFile(gz: AsyncIterable<Uint8Array>, options: DecodeFileOptions): DecodedFile {
  const { place, ...limits } = resolveDecodeFileOptions(options);
  return new FileReading(gunzip(gz), limits, new AllChecks(place));
}

/** Reads a file as {@link decodeFile} does, and inflates it into memory that the caller keeps. */
export function decodeInto(gz: AsyncIterable<Uint8Array>, options: DecodeFileOptions, room: InflateRoom): DecodedFile {
  const { place, ...limits } = resolveDecodeFileOptions(options);
  return new FileReading(gunzip(gz, room), limits, new AllChecks(place));
}

/** Reads a file as {@link decodeFile} does, and keeps what a second reading must be compared with. */
export function decodeWithDigests(
  gz: AsyncIterable<Uint8Array>,
  options: DecodeFileOptions,
  digests: BlockDigests,
): DecodedFile {
  const { place, ...limits } = resolveDecodeFileOptions(options);
  return new FileReading(digests.keep(gunzip(gz)), limits, new AllChecks(place));
}

/**
 * Reads a file that {@link decodeFile} has proven, without checking it once more.
 *
 * @param digests what the first reading kept, if `gz` may give other bytes than it did then: no line passes before its bytes are compared
 * @throws LineProtocolError `CHANGED` from the iteration
 */
export function decodeProven(
  gz: AsyncIterable<Uint8Array>,
  options: DecodeFileOptions,
  digests?: BlockDigests,
): DecodedFile {
  const { place: _, ...limits } = resolveDecodeFileOptions(options);
  const text = gunzip(gz);
  return new FileReading(digests === undefined ? text : digests.check(text), limits, new NoChecks());
}

class FileReading implements DecodedFile {
  readonly #text: FileText;
  readonly #splitter: LineSplitter;
  readonly #checks: BodyChecks;
  readonly #integrity = new Deferred<FileIntegrity>();
  #lines = 0;
  #opening: Promise<FileOpening> | undefined;
  #isIterated = false;
  /** The policy that a mixed file begins with. */
  #mixedFrom: string | undefined;

  constructor(text: FileText, limits: SplitLimits, checks: BodyChecks) {
    this.#text = text;
    this.#checks = checks;
    const { observer } = checks;
    const options = { isMark: isContextOrFooter, takesChunks: true, ...(observer && { observer }) };
    this.#splitter = new LineSplitter(limits, options);
    markHandled(this.#integrity.promise);
  }

  get header(): Promise<FileHeader> {
    return markHandled(
      this.#open().then(({ header }) => {
        if (header instanceof LineProtocolError) throw header;
        return header;
      }),
    );
  }

  get integrity(): Promise<FileIntegrity> {
    return this.#integrity.promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<DecodedBatch, void, undefined> {
    assert(!this.#isIterated, 'a file can be iterated only once');
    this.#isIterated = true;
    try {
      this.#integrity.resolve(yield* this.#read(await this.#open()));
    } catch (error) {
      this.#integrity.reject(error);
      throw error;
    } finally {
      // Only the first outcome counts: this one is for a caller that ended the iteration early.
      this.#integrity.resolve({ status: 'unsealed', lines: this.#lines });
      await this.#text.return({ status: 'truncated' });
    }
  }

  #open(): Promise<FileOpening> {
    this.#opening ??= this.#openOnce();
    return this.#opening;
  }

  /** A caller that finds no header may never iterate: nothing is read on, so nothing stays open. */
  async #openOnce(): Promise<FileOpening> {
    const opening = await openFile(this.#text);
    if (opening.header instanceof LineProtocolError) await this.#text.return({ status: 'truncated' });
    return opening;
  }

  async *#read(opening: FileOpening): AsyncGenerator<DecodedBatch, FileIntegrity, undefined> {
    const { header, rest, end: endOfOpening } = opening;
    let end = endOfOpening;
    if (header instanceof LineProtocolError) {
      if (end?.status === 'truncated') return this.#corrupt(cutInHeader);
      if (end?.status === 'corrupt') return this.#corrupt({ fault: 'gzip-damaged', reason: end.reason });
      throw header;
    }
    if (header.mixed !== undefined) this.#mixedFrom = header.retentionPolicy;
    this.#checks.begin(header);
    for (let chunk = rest; ; ) {
      const damage = yield* this.#deliver(chunk, header);
      if (damage !== undefined) return this.#corrupt(damage);
      if (end !== undefined) break;
      const next = await this.#text.next();
      if (next.done) end = next.value;
      chunk = next.done ? NOTHING : next.value;
    }
    const mayLackFinalLf = end.status === 'complete' && header.formatVersion === undefined;
    if (mayLackFinalLf && this.#splitter.hasUnfinished) {
      const damage = yield* this.#deliver(FINAL_LF, header);
      if (damage !== undefined) return this.#corrupt(damage);
    }
    yield* this.#count(this.#splitter.flush());
    if (mayLackFinalLf && this.#splitter.isOpen) return this.#corrupt(this.#neverEnds());
    const found = this.#checks.end({ ...opening, header }, { gzip: end, hasUnfinished: this.#splitter.hasUnfinished });
    if (found === 'sealed') return { status: 'sealed' };
    return found === 'unsealed' ? { status: 'unsealed', lines: this.#lines } : this.#corrupt(found);
  }

  /** Yields what a chunk completes; returns the damage if the file can be read no further. */
  async *#deliver(chunk: Buffer, header: FileHeader): AsyncGenerator<DecodedBatch, FileDamage | undefined, undefined> {
    try {
      for (const batch of this.#splitter.push(chunk)) {
        yield* this.#count([batch]);
        const damage = batch.mark === undefined ? undefined : this.#checks.checkComment(batch.mark, header);
        if (damage !== undefined) return damage;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof LineProtocolError)) throw error;
      yield* this.#count(this.#splitter.flush());
      return { fault: 'endless-record', reason: error.message };
    }
  }

  *#count(batches: readonly Batch[]): Generator<DecodedBatch, void, undefined> {
    for (const { bytes, lines } of batches) {
      if (lines === 0) continue;
      this.#checks.add(bytes, lines);
      this.#lines += lines;
      yield this.#mixedFrom === undefined
        ? { bytes, lines }
        : { bytes, lines, retentionPolicy: this.#checks.policy ?? this.#mixedFrom };
    }
  }

  /** Returns the damage of a file that was not cut off, and whose last record swallowed what follows its open quote. */
  #neverEnds(): FileDamage {
    const { unfinishedBytes } = this.#splitter;
    const reason = `the record after the first ${this.#lines} never ends, since a string in it has no closing quote: the ${unfinishedBytes} bytes from there on are not delivered`;
    return { fault: 'endless-record', reason };
  }

  #corrupt(damage: FileDamage): FileIntegrity {
    return { status: 'corrupt', lines: this.#lines, ...damage };
  }
}

const NOTHING = Buffer.alloc(0);
const FINAL_LF = Buffer.from('\n');
const cutInHeader: FileDamage = { fault: 'cut-off', reason: 'it is cut off within its header' };
