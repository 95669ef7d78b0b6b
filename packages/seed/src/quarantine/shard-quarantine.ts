import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { formatQuarantineHeader, formatReject } from '@ceres/lineproto/internal';
import { formatKey } from '@ceres/storage';
import { PackedWriter } from '../files/packed-file';
import type { FileName, ShardStore } from '../files/shard-store';

const compressed = promisify(gzip);

/** How many bytes of records are compressed at once. */
const BLOCK_BYTES = 1024 * 1024;

/** Keeps the records of a shard that are in no file of lines, in files of the quarantine. */
export class ShardQuarantine {
  readonly #store: ShardStore;
  readonly #keys: string[] = [];
  #records: Uint8Array[] = [];
  #bytes = 0;
  #file: { readonly name: FileName; readonly writer: PackedWriter; bytes: number } | undefined;

  constructor(store: ShardStore) {
    this.#store = store;
  }

  /** Takes a record, and copies it. Call `settle` now and then: until then it is in memory. */
  add(code: string, record: Uint8Array): void {
    const formatted = formatReject(code, record);
    this.#records.push(formatted);
    this.#bytes += formatted.length;
  }

  /** Resolves when there is room for more. */
  async settle(): Promise<void> {
    if (this.#bytes >= Math.min(BLOCK_BYTES, this.#store.settings.segmentBytesMax)) await this.#flush();
  }

  /** Puts what was taken. Returns the keys of its files. */
  async end(): Promise<readonly string[]> {
    if (this.#bytes > 0) await this.#flush();
    await this.#put();
    return this.#keys;
  }

  /** Closes what is open, after a failure. */
  async close(): Promise<void> {
    await this.#file?.writer.close();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    const { settings } = this.#store;
    this.#file ??= await this.#begin();
    const file = this.#file;
    await file.writer.add(await compressed(Buffer.concat(this.#records), { level: settings.gzipLevel }));
    file.bytes += this.#bytes;
    this.#records = [];
    this.#bytes = 0;
    if (file.bytes >= settings.segmentBytesMax) await this.#put();
  }

  async #begin() {
    const name = await this.#store.nextName();
    const writer = await PackedWriter.open(name.path);
    const header = formatQuarantineHeader(this.#store.headerOf('ns'));
    await writer.add(await compressed(header));
    return { name, writer, bytes: 0 };
  }

  async #put(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const { path, day, id } = file.name;
    const { database, retentionPolicy } = this.#store.partition;
    const { instance } = this.#store.settings;
    const key = formatKey({ instance, database, retentionPolicy, day, id, quarantine: true });
    await this.#store.put(key, path, await file.writer.end());
    this.#keys.push(key);
  }
}
