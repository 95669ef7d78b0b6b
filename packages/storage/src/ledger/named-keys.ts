import { utcDay } from '@ceres/internal';
import type { ObjectInfo, ObjectReader } from '../contract';
import type { NamedFile } from '../heartbeat/contents';
import { readHeartbeat } from '../heartbeat/read-heartbeat';
import { type KeyParts, parseKey } from '../keys/format-key';
import type { RetryOptions } from '../retry/retry';
import type { LostFiles } from './findings';
import { KeyTable } from './key-table';
import { LostRanges } from './lost-ranges';

const dayMs = 86_400_000;

/** Which files count, and what happens to those that are named. */
export interface Naming {
  readonly nowMs: number;
  readonly select?: (file: KeyParts) => boolean;
  readonly keepMs?: number | undefined;
  readonly named?: (file: NamedFile, parts: KeyParts) => void;
}

/** The files that ledgers name as stored. */
export class NamedKeys {
  /** When the storage created the newest heartbeat that names a file, or the time now, if that is later. */
  newestMs: number;
  readonly #options: Naming;
  readonly #table = new KeyTable();
  /** The heartbeats that name the keys of the table, by the source of these. */
  readonly #heartbeats: ObjectInfo[] = [];
  readonly #resized = new Set<string>();

  constructor(options: Naming) {
    this.#options = options;
    this.newestMs = options.nowMs;
  }

  add(file: NamedFile, heartbeat: ObjectInfo): void {
    this.newestMs = Math.max(this.newestMs, heartbeat.createdMs);
    const parts = this.#selected(file.key);
    if (parts === undefined) return;
    if (this.#heartbeats.at(-1)?.key !== heartbeat.key) {
      const { key, sizeBytes, createdMs } = heartbeat;
      this.#heartbeats.push({ key, sizeBytes, createdMs });
    }
    const isNew = this.#table.add(file.key, file.sizeBytes, this.#heartbeats.length - 1);
    if (isNew) this.#options.named?.(file, parts);
  }

  /** Returns whether a ledger names the file, and remembers that the storage holds it. */
  isStored({ key, sizeBytes }: ObjectInfo): boolean {
    const entry = this.#table.find(key);
    if (entry?.hasSize(sizeBytes)) this.#table.mark(entry);
    else if (entry !== undefined) this.#resized.add(key);
    return entry !== undefined;
  }

  /** Reads the heartbeats again that name files which the storage does not hold as they were stored. */
  async lost(reader: ObjectReader, retry: RetryOptions): Promise<LostFiles[]> {
    const lost = new LostRanges();
    const { keepMs, nowMs } = this.#options;
    const expiredDay = keepMs === undefined ? '' : utcDay(nowMs - keepMs + dayMs);
    for (const source of this.#table.sourcesOfUnmarked()) {
      const heartbeat = await readHeartbeat(reader, this.#heartbeats[source] as ObjectInfo, retry);
      for await (const file of heartbeat.files()) {
        const entry = file.state === 'stored' ? this.#table.find(file.key) : undefined;
        const parts = this.#selected(file.key);
        if (file.state !== 'stored' || entry === undefined || parts === undefined) continue;
        if (this.#table.isMarked(entry)) continue;
        this.#table.mark(entry); // another heartbeat may name it, too
        const isResized = this.#resized.has(file.key);
        const { day, id: _, ...partition } = parts;
        if (isResized || day >= expiredDay) lost.add({ ...file, kind: isResized ? 'resized' : 'lost', partition, day });
      }
    }
    return lost.findings();
  }

  #selected(key: string): KeyParts | undefined {
    const parts = parseKey(key);
    return parts === undefined || this.#options.select?.(parts) === false ? undefined : parts;
  }
}
