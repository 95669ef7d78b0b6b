import { utcDay } from '@ceres/internal';
import type { ObjectInfo, ObjectReader } from '../../contract';
import type { NamedFile } from '../../heartbeat/contents';
import { readHeartbeat } from '../../heartbeat/read-heartbeat';
import { type KeyParts, parseKey } from '../../keys/format-key';
import type { RetryOptions } from '../../retry/retry';
import type { LostFile } from '../../seed/seed-index';
import type { LostFiles } from '../findings';
import { KeyTable } from '../key-table';
import { LostRanges } from '../lost-ranges';

const dayMs = 86_400_000;

/** Counts a file that a ledger names. */
export type CountNamed = (file: NamedFile, parts: KeyParts) => void;

/** Says which files count. */
export interface Naming {
  readonly nowMs: number;
  readonly select?: (file: KeyParts) => boolean;
  readonly keepMs?: number | undefined;
  /** Begins a count of the files that ledgers name, and that the storage holds. A count that turns out wrong is followed by another. */
  readonly countNamed?: () => CountNamed;
  /** Returns whether a seed holds what a lost file held. */
  readonly isClosed: (lost: LostFile) => boolean;
}

/** The files that ledgers name as stored. */
export class NamedKeys {
  /** When the storage created the newest heartbeat that names a file, or the time now, if that is later. */
  newestMs: number;
  readonly #options: Naming;
  readonly #table = new KeyTable();
  /** The heartbeats that name the keys of the table. */
  readonly #heartbeats: ObjectInfo[] = [];
  readonly #resized = new Set<string>();
  #count: CountNamed | undefined;

  constructor(options: Naming) {
    this.#options = options;
    this.#count = options.countNamed?.();
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
    const isNew = this.#table.add(file.key, file.sizeBytes);
    if (isNew) this.#count?.(file, parts);
  }

  /** Returns whether a ledger names the file, and remembers that the storage holds it. */
  isStored({ key, sizeBytes }: ObjectInfo): boolean {
    const entry = this.#table.find(key);
    if (entry?.hasSize(sizeBytes)) this.#table.mark(entry);
    else if (entry !== undefined) this.#resized.add(key);
    return entry !== undefined;
  }

  /** Returns whether a ledger names the file. */
  has(key: string): boolean {
    return this.#table.find(key) !== undefined;
  }

  /** The count that is right by now. */
  get count(): CountNamed | undefined {
    return this.#count;
  }

  /**
   * Returns what the storage does not hold as it was stored, and apart from it what a seed has made up for. Reads all heartbeats again if
   * there is any, and begins another count.
   */
  async lost(
    reader: ObjectReader,
    retry: RetryOptions,
  ): Promise<{ readonly lost: LostFiles[]; readonly closed: LostFiles[]; readonly closedKeys: string[] }> {
    const closedKeys: string[] = [];
    if (!this.#table.hasUnmarked()) return { lost: [], closed: [], closedKeys };
    const [lost, closed] = [new LostRanges(), new LostRanges()];
    const count = this.#options.countNamed?.();
    this.#count = count;
    const read = new KeyTable(); // a file may be named again
    for (const info of this.#heartbeats) {
      const heartbeat = await readHeartbeat(reader, info, retry);
      for await (const file of heartbeat.files()) {
        const entry = file.state === 'stored' ? this.#table.find(file.key) : undefined;
        const parts = this.#selected(file.key);
        if (file.state !== 'stored' || entry === undefined || parts === undefined || !read.add(file.key)) continue;
        if (this.#table.isMarked(entry)) count?.(file, parts);
        else {
          const isClosed = this.#options.isClosed({ ...parts, ...file });
          if (isClosed) closedKeys.push(file.key);
          this.#addLost(file, parts, isClosed ? closed : lost);
        }
      }
    }
    return { lost: lost.findings(), closed: closed.findings(), closedKeys };
  }

  #addLost(file: NamedFile, { day, id: _, ...partition }: KeyParts, lost: LostRanges): void {
    const { keepMs, nowMs } = this.#options;
    const isResized = this.#resized.has(file.key);
    const isExpired = keepMs !== undefined && day < utcDay(nowMs - keepMs + dayMs);
    if (isResized || !isExpired) lost.add({ ...file, kind: isResized ? 'resized' : 'lost', partition, day });
  }

  #selected(key: string): KeyParts | undefined {
    const parts = parseKey(key);
    return parts === undefined || this.#options.select?.(parts) === false ? undefined : parts;
  }
}
