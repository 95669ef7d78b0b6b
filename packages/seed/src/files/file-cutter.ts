import type { FileSummary, Precision } from '@ceres/lineproto';
import {
  type CompressionPace,
  emptySummary,
  GrowingFile,
  headerFieldsOf,
  joinSummaries,
} from '@ceres/lineproto/internal';
import type { SeriesLines } from '../lines/shard-lines';

/** InfluxDB's importer posts 5,000 lines at a time, and the server takes 25 MB: see docs/file-format.md. */
const IMPORTER_BATCH_LINES = 5_000;
const REQUEST_BYTES_MAX = 25_000_000;
/** Records up to this size are never too many for one request of the importer. */
const PLAIN_RECORD_BYTES = REQUEST_BYTES_MAX / IMPORTER_BATCH_LINES;

/** How many blocks of one file are compressed at once: libuv has four threads, and the disk needs some. */
const BLOCKS_AT_ONCE = 3;

/** A file whose lines are complete, and still being compressed. */
export interface CutFile {
  readonly lines: GrowingFile;
  readonly precision: Precision;
  readonly summary: FileSummary;
  readonly notImportable: readonly string[];
}

/** Divides the lines of a shard into files. */
export class FileCutter {
  readonly #bytesMax: number;
  readonly #level: number;
  readonly #pace: CompressionPace;
  #file: GrowingFile | undefined;
  #precision: Precision = 'ns';
  #summary = emptySummary;

  constructor(options: {
    readonly segmentBytesMax: number;
    readonly gzipLevel: number;
    readonly pace: CompressionPace;
  }) {
    this.#bytesMax = options.segmentBytesMax;
    this.#level = options.gzipLevel;
    this.#pace = options.pace;
  }

  /** Takes lines. Returns the file before them if they begin another one. */
  add({ bytes, summary, precision }: SeriesLines): {
    readonly cut: CutFile | undefined;
    readonly ready: Promise<void> | undefined;
  } {
    const joined = joinSummaries(this.#summary, summary);
    const fits =
      this.#file === undefined ||
      (precision === this.#precision && joined.bytes <= this.#limitFor(joined.recordBytesMax));
    const cut = fits ? undefined : this.end();
    this.#file ??= new GrowingFile(this.#level, BLOCKS_AT_ONCE, this.#pace);
    this.#precision = precision;
    this.#summary = cut === undefined ? joined : summary;
    return { cut, ready: this.#file.add(bytes, summary.lines) };
  }

  /** Ends the last file; `undefined` if there are no lines. */
  end(): CutFile | undefined {
    const [lines, summary] = [this.#file, this.#summary];
    this.#file = undefined;
    this.#summary = emptySummary;
    if (lines === undefined) return undefined;
    // A file with long records has no more bytes than the server takes at once, so that the length of a record does not matter.
    const recordBytesMax = Math.min(summary.recordBytesMax, PLAIN_RECORD_BYTES);
    const fields = headerFieldsOf({ ...summary, recordBytesMax });
    if (fields === undefined) throw new Error('Lines of a seed have times.');
    return { lines, precision: this.#precision, ...fields };
  }

  #limitFor(recordBytesMax: number): number {
    return recordBytesMax <= PLAIN_RECORD_BYTES ? this.#bytesMax : Math.min(this.#bytesMax, REQUEST_BYTES_MAX);
  }
}
