import assert from 'node:assert/strict';
import { LineProtocolError } from '../../errors';
import { type DecodeFileOptions, resolveDecodeFileOptions, type SplitLimits } from '../../options';
import { type Batch, LineSplitter } from '../../scan/line-splitter';
import type { FileHeader } from '../header/file-header';
import { FooterCheck, isContextOrFooter } from './footer-check';
import { type GzipEnd, gunzip } from './gunzip';
import { type FileOpening, openFile } from './open-file';

/** What a file turned out to be once it has been read. `lines` counts the records that were delivered. */
export type FileIntegrity =
  | { readonly status: 'sealed' } // the footer certifies every line
  | { readonly status: 'unsealed'; readonly lines: number } // cut off, or from an older system: no footer at its end
  | { readonly status: 'corrupt'; readonly lines: number; readonly reason: string };

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
 * Reads a backup file: its header, its records in batches cut at record boundaries, and whether the footer certifies them.
 *
 * - A file cut off at any byte yields every whole record before the cut. A last line without LF is not whole, except in a file
 *   from an older system that is whole as gzip: InfluxDB's importer drops that line, and here it is delivered with a LF. If
 *   it never ends, it has swallowed the rest, and the file is `corrupt`.
 * - Damaged gzip data yields what came before it, except for the last 32 KiB or less.
 * - Zeros or garbage after the last gzip member are ignored. Other comments and blank lines are skipped, as by InfluxDB's importer.
 * - A body that switches to another database or precision, or to a policy that the header does not announce as `mixed`, is
 *   `corrupt` there and is read no further.
 *
 * Memory is bounded by the limits, by 25,000,000 bytes for one record (a longer one is `corrupt`), and by 34 MB for each
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
  return new FileReading(gz, resolveDecodeFileOptions(options));
}

class FileReading implements DecodedFile {
  readonly #text: AsyncGenerator<Buffer, GzipEnd, undefined>;
  readonly #splitter: LineSplitter;
  readonly #certificate = new FooterCheck();
  readonly #integrity = new Deferred<FileIntegrity>();
  #lines = 0;
  #opening: Promise<FileOpening> | undefined;
  #isIterated = false;
  /** The policy that a mixed file begins with. */
  #mixedFrom: string | undefined;

  constructor(gz: AsyncIterable<Uint8Array>, limits: SplitLimits) {
    this.#text = gunzip(gz);
    this.#splitter = new LineSplitter(limits, { isMark: isContextOrFooter, takesChunks: true });
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
    this.#opening ??= openFile(this.#text);
    return this.#opening;
  }

  async *#read({
    header,
    rest,
    end: endOfOpening,
  }: FileOpening): AsyncGenerator<DecodedBatch, FileIntegrity, undefined> {
    let end = endOfOpening;
    if (header instanceof LineProtocolError) {
      if (end?.status === 'truncated') return { status: 'unsealed', lines: 0 };
      throw header;
    }
    if (header.mixed !== undefined) this.#mixedFrom = header.retentionPolicy;
    for (let chunk = rest; ; ) {
      const problem = yield* this.#deliver(chunk, header);
      if (problem !== undefined) return this.#corrupt(problem);
      if (end !== undefined) break;
      const next = await this.#text.next();
      if (next.done) end = next.value;
      chunk = next.done ? NOTHING : next.value;
    }
    const mayLackFinalLf = end.status === 'complete' && header.formatVersion === undefined;
    if (mayLackFinalLf && this.#splitter.hasUnfinished) {
      const problem = yield* this.#deliver(FINAL_LF, header);
      if (problem !== undefined) return this.#corrupt(problem);
    }
    yield* this.#count(this.#splitter.flush());
    if (end.status === 'corrupt') return this.#corrupt(end.reason);
    if (mayLackFinalLf && this.#splitter.isOpen) return this.#corrupt(this.#neverEnds());
    const isSealed = end.status === 'complete' && this.#certificate.isAtEnd && !this.#splitter.hasUnfinished;
    return isSealed ? { status: 'sealed' } : { status: 'unsealed', lines: this.#lines };
  }

  /** Yields what a chunk completes; returns the reason if the file can be read no further. */
  async *#deliver(chunk: Buffer, header: FileHeader): AsyncGenerator<DecodedBatch, string | undefined, undefined> {
    try {
      for (const batch of this.#splitter.push(chunk)) {
        yield* this.#count([batch]);
        const problem = batch.mark === undefined ? undefined : this.#certificate.checkComment(batch.mark, header);
        if (problem !== undefined) return problem;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof LineProtocolError)) throw error;
      yield* this.#count(this.#splitter.flush());
      return error.message;
    }
  }

  *#count(batches: readonly Batch[]): Generator<DecodedBatch, void, undefined> {
    for (const { bytes, lines } of batches) {
      if (lines === 0) continue;
      this.#certificate.add(bytes, lines);
      this.#lines += lines;
      yield this.#mixedFrom === undefined
        ? { bytes, lines }
        : { bytes, lines, retentionPolicy: this.#certificate.policy ?? this.#mixedFrom };
    }
  }

  /** Returns the reason for a file that was not cut off, and whose last record swallowed what follows its open quote. */
  #neverEnds(): string {
    const { unfinishedBytes } = this.#splitter;
    return `the record after the first ${this.#lines} never ends, since a string in it has no closing quote: the ${unfinishedBytes} bytes from there on are not delivered`;
  }

  #corrupt(reason: string): FileIntegrity {
    return { status: 'corrupt', lines: this.#lines, reason };
  }
}

const NOTHING = Buffer.alloc(0);
const FINAL_LF = Buffer.from('\n');

/** Keeps a rejection from ending the process if the caller ignores this promise: iterating reports the same failure. */
function markHandled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** A promise that is settled from outside; only the first outcome counts. */
class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
