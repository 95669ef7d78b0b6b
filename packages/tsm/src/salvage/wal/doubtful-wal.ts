import { ByteReader } from '../../bytes';
import type { FieldType } from '../../column';
import { splitKey } from '../../files/key';
import type { KnownNames } from '../../names/known-names';
import { WalContent, type WalEntry, type WalPoints } from '../../shards/wal/wal-content';
import type { ShardLosses } from '../losses';
import { isPrintable } from '../rescue/find-key';

/** Takes out of the entries of a WAL what contradicts the names, the types and the times of its shard. */
export class DoubtfulWal {
  readonly #names: KnownNames;
  readonly #losses: ShardLosses;
  /** One for each type: a doubtful field may have several. */
  readonly #doubtful = new Map<FieldType, WalContent>();
  /** The first reason for each key, and the segment in which it was found. */
  readonly #reasons = new Map<string, { readonly file: string; readonly reason: string }>();

  constructor(names: KnownNames, losses: ShardLosses) {
    this.#names = names;
    this.#losses = losses;
  }

  /** Returns an entry without what is doubtful. */
  sift(entry: WalEntry, file: string): WalEntry {
    if (entry.kind === 'delete') {
      for (const content of this.#doubtful.values()) content.add(entry);
      return entry;
    }
    const certain: WalPoints[] = [];
    for (const points of entry.points) {
      const reason = this.#doubt(points);
      if (reason === undefined) certain.push(points);
      else this.#setAside(points, file, reason);
    }
    return { kind: 'write', points: certain };
  }

  /** Hands over what was taken out. */
  async handOver(): Promise<void> {
    for (const content of this.#doubtful.values()) {
      for (const key of content.keys) {
        const column = content.column(key);
        const reason = this.#reasons.get(Buffer.from(key).toString('latin1'));
        if (column.length > 0 && reason !== undefined)
          await this.#losses.doubtful({ ...reason, ...splitKey(key), column });
      }
    }
  }

  #doubt(points: WalPoints): string | undefined {
    const { key, type } = points;
    const doubt = this.#names.doubt(key, type);
    if (doubt !== undefined) return doubt;
    if (!this.#names.knowsSeries && !isPrintable(key)) return 'The key has control characters, or is not UTF-8.';
    return this.#doubtPoints(points);
  }

  #doubtPoints({ bytes, at, count, type }: WalPoints): string | undefined {
    const { limits } = this.#losses;
    const reader = new ByteReader(bytes, at);
    for (let i = 0; i < count; i += 1) {
      const time = reader.i64();
      if (limits !== undefined && (time < limits.firstNs || time > limits.lastNs))
        return `The shard cannot hold the time ${time}.`;
      if (type === 'string') reader.take(reader.u32());
      else if (type === 'boolean') reader.u8();
      else if (isNotFinite(reader.take(8)) && type === 'float') return 'InfluxDB cannot store a number of this kind.';
    }
    return undefined;
  }

  #setAside(points: WalPoints, file: string, reason: string): void {
    const content = this.#doubtful.get(points.type) ?? new WalContent();
    this.#doubtful.set(points.type, content);
    content.add({ kind: 'write', points: [points] });
    const key = Buffer.from(points.key).toString('latin1');
    if (!this.#reasons.has(key)) this.#reasons.set(key, { file, reason });
  }
}

/** All bits of the exponent: infinite, or no number. */
function isNotFinite(bytes: Uint8Array): boolean {
  return ((bytes[0] as number) & 0x7f) === 0x7f && ((bytes[1] as number) & 0xf0) === 0xf0;
}
