import { ByteReader, u32At } from '../../bytes';
import { damaged, placed, TsmError } from '../../errors';
import { type ByteSource, streamOf } from '../byte-source';
import { gunzip } from './gunzip';
import { disjoint, type TimeRange } from './time-ranges';

/** What was deleted from one TSM file and no other: ranges of times by key, in order, none of which touch. */
export type Tombstones = ReadonlyMap<string, readonly TimeRange[]>;

const PLAIN = 0x1502;
const GZIP = 0x1503;
const GZIP_MEMBERS = 0x1504;
const HEAD_BYTES = 4;
const KEY_BYTES_MAX = 65_535;
const ALWAYS: TimeRange = { first: -(2n ** 63n), last: 2n ** 63n - 1n };

/** Returns what `Tombstones` calls a key: each byte as one character. */
export function tombstoneKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

/**
 * Reads a tombstone file, of any version (Format: docs/storage-engine.md, "Tombstones"):
 *
 * - 1 has no head: each line is a key, deleted for all times;
 * - 2 begins with `00 00 15 02`, then records: u32 length of the key, the key, int64 first and last time;
 * - 3 begins with `00 00 15 03`, then gzip of such records;
 * - 4 begins with `00 00 15 04`, then several gzip members, one for each time that something was deleted.
 *
 * @throws TsmError `DAMAGED`, `INCOMPLETE`
 */
export async function readTombstones(source: ByteSource): Promise<Tombstones> {
  try {
    const version = source.sizeBytes < HEAD_BYTES ? 0 : u32At(await source.read(0, HEAD_BYTES), 0);
    if (version === PLAIN) return await readRecords(streamOf(source, HEAD_BYTES));
    if (version === GZIP || version === GZIP_MEMBERS) {
      if (source.sizeBytes === HEAD_BYTES) return new Map();
      return await readRecords(gunzip(streamOf(source, HEAD_BYTES)));
    }
    return await readLines(source);
  } catch (error) {
    throw placed(error, source.name);
  }
}

async function readRecords(stream: AsyncIterable<Uint8Array>): Promise<Tombstones> {
  const all = new Map<string, TimeRange[]>();
  let left: Uint8Array = new Uint8Array(0);
  for await (const chunk of stream) {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    const reader = new ByteReader(bytes);
    let done = 0;
    while (reader.left >= 4) {
      const length = reader.u32();
      if (length === 0 || length > KEY_BYTES_MAX) throw damaged(`A tombstone has a key of ${length} bytes`);
      if (reader.left < length + 16) break;
      const key = tombstoneKey(reader.take(length));
      const range = { first: reader.i64(), last: reader.i64() };
      if (range.first > range.last) throw damaged('A tombstone ends before it begins');
      add(all, key, range);
      done = reader.position;
    }
    left = bytes.subarray(done);
  }
  if (left.length > 0) throw new TsmError('INCOMPLETE', 'The tombstones end in the middle of a record.');
  return joined(all);
}

async function readLines(source: ByteSource): Promise<Tombstones> {
  const all = new Map<string, TimeRange[]>();
  let left = '';
  for await (const chunk of streamOf(source)) {
    const lines = (left + tombstoneKey(chunk)).split('\n');
    left = lines.pop() as string; // `split` returns at least one.
    if (left.length > KEY_BYTES_MAX) throw damaged(`A tombstone has a key of more than ${KEY_BYTES_MAX} bytes`);
    for (const line of lines) if (line !== '') add(all, line, ALWAYS);
  }
  if (left !== '') add(all, left, ALWAYS);
  for (const key of all.keys()) {
    if (!key.includes('#!~#')) throw damaged('It is not a tombstone file of a known version');
  }
  return joined(all);
}

/** Someone who deletes every hour leaves thousands of ranges, and a key may have as many blocks. */
function joined(all: Map<string, TimeRange[]>): Tombstones {
  return new Map([...all].map(([key, ranges]) => [key, disjoint(ranges)]));
}

function add(all: Map<string, TimeRange[]>, key: string, range: TimeRange): void {
  const ranges = all.get(key);
  if (ranges === undefined) all.set(key, [range]);
  else ranges.push(range);
}
