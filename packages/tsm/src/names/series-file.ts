import { join } from 'node:path';
import { type FileSystem, ifExists } from '@ceres/internal';
import { ByteReader, ByteWriter, u32At } from '../bytes';
import { damaged, placed, TsmError } from '../errors';
import { type ByteSource, fileSource } from '../files/byte-source';
import { SeriesSet } from './series-set';

const MAGIC = 0x53534547; // SSEG
const VERSION = 1;
const HEAD_BYTES = 5;
const PARTITIONS = 8;
/** The flag and the id of an entry. */
const ENTRY_HEAD_BYTES = 9;
/** Far above the number of series that a server can hold. */
const ID_MAX = 1n << 48n;
const INSERT = 1;
const DELETE = 2;
/** No series key is longer: a part of a key may have 65,535 bytes. */
const KEY_BYTES_MAX = 256 * 1024;
const WINDOW_BYTES = 1024 * 1024;

/**
 * Reads the series file of a database: the folder `_series`, with 8 partitions of segments each. It holds every series that any shard of
 * the database ever had. Format: docs/storage-engine.md, "Series file".
 *
 * @returns `undefined` if there is none
 * @throws TsmError `DAMAGED`, `INCOMPLETE`, `UNREADABLE`
 */
export async function readSeriesFile(folder: string, fs: FileSystem): Promise<SeriesSet | undefined> {
  const present = await ifExists(fs.readdir(folder));
  if (present === undefined) return undefined;
  const series = new SeriesSet();
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const path = join(folder, String(partition).padStart(2, '0'));
    const names = ((await ifExists(fs.readdir(path))) ?? []).filter((name) => /^[\da-f]{4}$/.test(name)).sort();
    if (names.length === 0) throw new TsmError('INCOMPLETE', `${path} has no segments.`);
    // Segments are numbered from 0 on: where one is missing, so are the series in it.
    for (const [i, name] of names.entries()) {
      if (Number.parseInt(name, 16) !== i)
        throw new TsmError('INCOMPLETE', `${path} lacks the segment before ${name}.`);
      const source = await fileSource(join(path, name), fs);
      try {
        await readSegment(source, partition, series, i === names.length - 1);
      } catch (error) {
        throw placed(error, source.name);
      } finally {
        await source.close();
      }
    }
  }
  return series;
}

/** Reads a segment up to the zeros behind its last entry. In the last one, a crash may have left a part of an entry there. */
async function readSegment(source: ByteSource, partition: number, series: SeriesSet, isLast: boolean): Promise<void> {
  const { sizeBytes } = source;
  let start = 0;
  let window = await source.read(0, Math.min(WINDOW_BYTES, sizeBytes));
  if (window.length < HEAD_BYTES || u32At(window, 0) !== MAGIC || window[4] !== VERSION)
    throw damaged('It does not begin as a segment of a series file does');
  const key = new ByteWriter();
  for (let at = HEAD_BYTES; ; ) {
    if (at + ENTRY_HEAD_BYTES + KEY_BYTES_MAX > window.length && start + window.length < sizeBytes) {
      start += at;
      window = await source.read(start, Math.min(WINDOW_BYTES, sizeBytes - start));
      at = 0;
    }
    const reader = new ByteReader(window, at);
    try {
      if (window[at] === undefined || (window[at] === 0 && isZero(window, at))) return;
      if (readEntry(reader, partition, key)) series.add(key.written);
    } catch (error) {
      if (isLast && isTorn(window, at, partition)) return;
      throw placed(error, `entry at ${start + at}`);
    }
    at = reader.position;
  }
}

function isZero(window: Uint8Array, at: number): boolean {
  return window.subarray(at).every((byte) => byte === 0);
}

/** Returns whether no other entry follows one that cannot be read: the end of it was not written. */
function isTorn(window: Uint8Array, at: number, partition: number): boolean {
  if (window[at] !== INSERT && window[at] !== DELETE) return false;
  const end = window.findLastIndex((byte) => byte !== 0);
  const key = new ByteWriter();
  for (let next = at + 1; next < end; next += 1) {
    if (window[next] !== INSERT && window[next] !== DELETE) continue;
    try {
      readEntry(new ByteReader(window, next), partition, key);
      return false;
    } catch {
      // It is not the beginning of an entry.
    }
  }
  return true;
}

/** Returns whether the entry adds a series: then its key is in `key`. */
function readEntry(reader: ByteReader, partition: number, key: ByteWriter): boolean {
  const flag = reader.u8();
  const id = reader.i64();
  // Ids of a partition are its number plus 1, and then every eighth.
  const isOfPartition = id > 0n && id < ID_MAX && Number((id - 1n) & 7n) === partition;
  if ((flag !== INSERT && flag !== DELETE) || !isOfPartition) throw damaged('There is no such entry');
  if (flag === INSERT) readKey(reader, key);
  return flag === INSERT;
}

/** Reads a series key, and writes it as the keys of TSM files have it. */
function readKey(reader: ByteReader, key: ByteWriter): void {
  const end = reader.uvarint() + reader.position;
  key.length = 0;
  appendEscaped(key, reader.take(reader.u16()), false);
  const tags = reader.uvarint();
  for (let i = 0; i < tags; i += 1) {
    key.write(COMMA);
    appendEscaped(key, reader.take(reader.u16()), true);
    key.write(EQUALS);
    appendEscaped(key, reader.take(reader.u16()), true);
  }
  if (reader.position !== end) throw damaged('A series key has another length than it says');
}

const COMMA = Buffer.from(',');
const EQUALS = Buffer.from('=');

function appendEscaped(key: ByteWriter, text: Uint8Array, isTag: boolean): void {
  key.reserve(2 * text.length);
  for (const byte of text) {
    if (byte === 0x2c || byte === 0x20 || (isTag && byte === 0x3d)) key.u8(0x5c);
    key.u8(byte);
  }
}
