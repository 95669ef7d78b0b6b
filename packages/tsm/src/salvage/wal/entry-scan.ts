import { ByteReader } from '../../bytes';
import { TsmError } from '../../errors';
import type { ByteSource } from '../../files/byte-source';
import { ReadAhead } from '../../files/read-ahead';
import type { KnownNames } from '../../names/known-names';
import { readWalEntry, WAL_HEAD_BYTES } from '../../shards/wal/read-wal';
import type { WalEntry } from '../../shards/wal/wal-content';
import type { ShardLosses } from '../losses';
import { isPrintable } from '../rescue/find-key';

/** What was found in a segment. */
export type SegmentStep =
  | { readonly kind: 'entry'; readonly entry: WalEntry }
  | {
      readonly kind: 'lost';
      readonly from: number;
      readonly to: number;
      /** True if the entry does not end before the segment does: it may be one that was not written to its end. */
      readonly mayBeTorn: boolean;
    };

interface FoundEntry {
  readonly entry: WalEntry;
  readonly end: number;
}

/** Guesses at entries may decompress this many times the bytes of a segment. A segment can be built so that each guess is expensive. */
const GUESSES_PER_BYTE = 16;
const GUESSED_BYTES_MIN = 16 * 1024 * 1024;

/** Reads the entries of a damaged segment of a WAL. */
export class EntryScan {
  readonly #segment: ByteSource;
  readonly #names: KnownNames;
  readonly #losses: ShardLosses;
  readonly #bytes: ReadAhead;
  #guessedBytesLeft: number;

  constructor(segment: ByteSource, names: KnownNames, losses: ShardLosses) {
    this.#segment = segment;
    this.#names = names;
    this.#losses = losses;
    this.#bytes = new ReadAhead(segment, segment.sizeBytes);
    this.#guessedBytesLeft = GUESSED_BYTES_MIN + GUESSES_PER_BYTE * segment.sizeBytes;
  }

  async *steps(): AsyncGenerator<SegmentStep> {
    const { sizeBytes } = this.#segment;
    for (let position = 0; position < sizeBytes; ) {
      this.#losses.checkSignal();
      const found = await this.#entryAt(position);
      if (found !== undefined) {
        yield { kind: 'entry', entry: found.entry };
        position = found.end;
        continue;
      }
      const next = await this.#search(position + 1);
      yield { kind: 'lost', from: position, to: next, mayBeTorn: (await this.#endAt(position)) >= sizeBytes };
      position = next;
    }
  }

  /** Finds the next entry; the end of the segment if there is none. */
  async #search(from: number): Promise<number> {
    const { sizeBytes } = this.#segment;
    for (let position = from; position + WAL_HEAD_BYTES <= sizeBytes; position += 1) {
      const [type = 0] = await this.#read(position, 1);
      if (type < 1 || type > 3) continue;
      if (this.#guessedBytesLeft < 0) return sizeBytes;
      const end = await this.#endAt(position);
      if (end > sizeBytes || end === position + WAL_HEAD_BYTES) continue;
      this.#guessedBytesLeft -= end - position;
      this.#losses.checkSignal();
      const found = await this.#entryAt(position);
      if (found !== undefined && this.#isBelievable(found.entry)) return position;
    }
    return sizeBytes;
  }

  async #entryAt(position: number): Promise<FoundEntry | undefined> {
    const end = await this.#endAt(position);
    if (end > this.#segment.sizeBytes) return undefined;
    const [type = 0] = await this.#read(position, 1);
    try {
      const entry = readWalEntry(type, await this.#read(position + WAL_HEAD_BYTES, end - position - WAL_HEAD_BYTES));
      return { entry, end };
    } catch (error) {
      if (error instanceof TsmError && error.code === 'DAMAGED') return undefined;
      throw error;
    }
  }

  /** Returns where the entry says that it ends. */
  async #endAt(position: number): Promise<number> {
    if (position + WAL_HEAD_BYTES > this.#segment.sizeBytes) return position + WAL_HEAD_BYTES;
    const head = new ByteReader(await this.#read(position, WAL_HEAD_BYTES));
    head.u8();
    return position + WAL_HEAD_BYTES + head.u32();
  }

  /** An entry that was looked for must name what is known; where names are not known, text. */
  #isBelievable(entry: WalEntry): boolean {
    if (entry.kind === 'delete') {
      return entry.keys.every((key) => key.includes('#!~#') && isPrintable(Buffer.from(key, 'latin1')));
    }
    return (
      entry.points.length > 0 &&
      entry.points.every(({ key, type }) =>
        this.#names.knowsSeries ? this.#names.doubt(key, type) === undefined : isPrintable(key),
      )
    );
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    return this.#bytes.peek(position, length) ?? (await this.#bytes.load(position, length));
  }
}
