import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { utcDay } from '@ceres/internal';
import type { FileHeader, Precision } from '@ceres/lineproto';
import { type ObjectBody, retry } from '@ceres/storage';
import { seedFileId, seedFileMs } from '@ceres/storage/internal';
import type { Journal } from '../journal/journal';
import type { WorkFolder } from '../journal/work-folder';
import type { ResolvedSeed } from '../options';
import type { PlannedPartition, SeedPlan } from '../plan';

/** A name that no other file has. */
export interface FileName {
  readonly id: string;
  /** The folder of its day. */
  readonly day: string;
  /** The path that it is packed at. */
  readonly path: string;
}

interface StoreParts {
  readonly settings: ResolvedSeed;
  readonly plan: SeedPlan;
  readonly journal: Journal;
  readonly folder: WorkFolder;
}

/** Names the files of one shard, and puts them. */
export class ShardStore {
  readonly settings: ResolvedSeed;
  readonly partition: PlannedPartition;
  readonly #parts: StoreParts;

  constructor(partition: PlannedPartition, parts: StoreParts) {
    this.settings = parts.settings;
    this.partition = partition;
    this.#parts = parts;
  }

  /** Issues the next name. */
  async nextName(): Promise<FileName> {
    const { journal, folder } = this.#parts;
    const { namesMs } = journal.header;
    const number = await journal.issue();
    const ms = namesMs ?? seedFileMs(number);
    const id = seedFileId(ms, namesMs === undefined ? 0 : number, randomInt(2 ** 24));
    return { id, day: utcDay(ms), path: folder.packed(id) };
  }

  /** Returns what the headers of all files of the shard say. */
  headerOf(precision: Precision): FileHeader {
    const { settings, plan, journal } = this.#parts;
    const { database, retentionPolicy, policy } = this.partition;
    const { id: writer, takenMs } = journal.header;
    const { kind: source, server } = plan.source;
    return {
      database,
      retentionPolicy,
      formatVersion: 1,
      instance: settings.instance,
      precision,
      writer,
      seed: { source, ...(server !== undefined && { server }), takenMs },
      ...(policy && { policy }),
    };
  }

  /** Puts a packed file, and removes it from the work folder. */
  async put(key: string, path: string, body: ObjectBody): Promise<void> {
    const { storage, clock, signal } = this.settings;
    await retry((limited) => storage.put(key, body, { signal: limited }), { clock, signal });
    await rm(path, { force: true });
  }
}
