import type { Clock } from '@ceres/internal';
import { openShard, type Shard, type ShardName, TsmError } from '@ceres/tsm';
import type { CompiledShard, KnownType } from '../../compile/compiled-shard';
import type { ScratchFolder } from '../../compile/shards/scratch-folder';
import type { RightOfWay } from '../../compile/threads/right-of-way';
import type { Journal } from '../../journal/journal';
import { journalPlace } from '../../journal/load-record';
import type { Poster } from '../../replay/deliver/poster';
import { asServiceFault } from '../../server/snapshot/one-server';
import { again, type NativeServer } from '../native-server';
import { claimFields, needsMarker } from './claims';
import { type MissingValues, missingValues } from './fill';
import { dropMarker, isSwapping, SHOWN_MS_MAX } from './marker';
import { lacksOf } from './prove-shard';
import { notLoaded, written } from './refusals';
import { highestSequence, kept, named, SEQUENCE_STEP, type SentFile, withOpen } from './shard-files';

/** What shards are loaded with. */
export interface LoadSettings {
  readonly server: NativeServer;
  readonly poster: Poster;
  readonly journal: Journal;
  readonly scratch: ScratchFolder;
  /** Taken by uploads: while one waits, the writers of its shard wait. */
  readonly way: RightOfWay;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** The value of the marker tag. */
  readonly marker: string;
  /** Shards may hold points of others, of which none is changed. */
  readonly fill: boolean;
  /** The sizes of the shards that the server had before, by their ids, where they are known. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly shardDurationMs: (shard: CompiledShard) => number;
}

/** How often a shard is sent again that the server does not show. */
const UPLOADS_MAX = 5;

/** Loads one compiled shard into the server: claims its fields, sends its files, and counts what the server then has. */
export class ShardLoad {
  readonly shard: CompiledShard;
  /** The fields that the shard has with another type: it cannot be loaded as it is. */
  readonly conflicts: readonly KnownType[];
  /** Says whether series of their own claimed fields: drop them once all shards whose fields they claimed are sent. */
  readonly hasMarker: boolean;
  /** Says whether the claims have created the shard, so that the server must list its shards before it is sent. */
  readonly isNew: boolean;
  readonly #settings: LoadSettings;
  readonly #before: ShardName | undefined;
  /** What the server's shard held before its fields were claimed, if it is filled. */
  #theirs: Shard | undefined;
  /** What is sent: the files of the shard, or of what the server lacks of it. */
  #files: readonly SentFile[];
  #missing: MissingValues | undefined;
  #isReleased = false;
  /** The highest sequence that a name of the shard may have had so far. */
  #used = 0;

  private constructor(
    shard: CompiledShard,
    before: ShardName | undefined,
    settings: LoadSettings,
    { conflicts, hasMarker }: Pick<ShardLoad, 'conflicts' | 'hasMarker'>,
  ) {
    this.shard = shard;
    this.conflicts = conflicts;
    this.hasMarker = hasMarker;
    this.isNew = before === undefined;
    this.#before = before;
    this.#settings = settings;
    this.#files = shard.files;
  }

  /**
   * Claims the fields of a shard, which creates it on the server if it is not there.
   *
   * @throws RestoreError `NATIVE_REFUSED`, `SERVER_…`; the signal's reason
   */
  static async claim(shard: CompiledShard, settings: LoadSettings): Promise<ShardLoad> {
    const { server, fill, sizes } = settings;
    const before = server.shardAt(shard);
    if (before === undefined || !fill) return await ShardLoad.#claim(shard, { before, settings });
    // It is read before anything is written: a service that fails leaves the server as it was.
    const theirs = await server.asked(() => server.service.openShard(before, { sizeBytes: sizes.get(before.id) }));
    try {
      const load = await ShardLoad.#claim(shard, { before, settings });
      load.#theirs = theirs;
      return load;
    } catch (error) {
      await theirs.close();
      throw error;
    }
  }

  static async #claim(
    shard: CompiledShard,
    { before, settings }: { readonly before: ShardName | undefined; readonly settings: LoadSettings },
  ): Promise<ShardLoad> {
    const { poster, marker, fill } = settings;
    // A shard that is there may remember types. A point that claims a field may then belong to a record that is rejected for another one.
    const isShared = before !== undefined || fill;
    const shardDurationMs = settings.shardDurationMs(shard);
    const conflicts = await claimFields(shard, { poster, isShared, marker, shardDurationMs });
    if (conflicts.length > 0 && !isShared) throw written(shard, conflicts);
    return new ShardLoad(shard, before, settings, { conflicts, hasMarker: isShared || needsMarker(shard) });
  }

  /**
   * Sends the files of the shard, or of what the server lacks of it.
   *
   * @throws RestoreError `NOT_LOADED`, `NATIVE_REFUSED`, `SNAPSHOT_SERVICE`, `SCRATCH_FULL`, `SERVER_…`; the signal's reason
   */
  async send(): Promise<void> {
    const { journal } = this.#settings;
    const sequence = this.#before === undefined ? 0 : highestSequence(await this.#fileNames(this.#before));
    this.#used = Math.max(journal.loads.sequence(this.shard), sequence);
    if (this.#theirs !== undefined) {
      this.#missing = await this.#findMissing(this.#theirs);
      this.#files = this.#missing.files;
      await this.#closeTheirs();
    }
    await this.#upload();
  }

  /**
   * Waits until the server shows what was sent, and sends it again if it does not.
   *
   * @throws RestoreError as `send`
   */
  async confirm(): Promise<void> {
    for (let uploads = 1; ; uploads += 1) {
      const lacks = await this.#shown();
      if (lacks === undefined) break;
      if (uploads === UPLOADS_MAX || this.#files.length === 0) throw notLoaded(this.shard, `it shows ${lacks}`);
      await this.#upload();
      if (this.hasMarker) await dropClaims([this], this.#settings);
    }
    await this.#settings.journal.load({ loaded: journalPlace(this.shard) });
  }

  /** Removes the files. May be called again. */
  async release(): Promise<void> {
    await this.#closeTheirs();
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#missing?.remove();
    await this.shard.release();
  }

  async #closeTheirs(): Promise<void> {
    const theirs = this.#theirs;
    this.#theirs = undefined;
    await theirs?.close();
  }

  #name(): ShardName {
    const name = this.#settings.server.shardAt(this.shard);
    if (name !== undefined) return name;
    throw notLoaded(this.shard, 'it took points of the shard, but lists no such shard');
  }

  /** Sends the files under names that were never used, until the server has taken a connection to its end. */
  async #upload(): Promise<void> {
    const { journal, clock, patienceMs, signal, server, way } = this.#settings;
    const name = this.#name();
    if (this.#files.length === 0) return;
    const deadlineMs = clock.now() + patienceMs;
    for (;;) {
      const first = (Math.floor(this.#used / SEQUENCE_STEP) + 1) * SEQUENCE_STEP;
      this.#used = first + (this.#files.length - 1) * SEQUENCE_STEP;
      await journal.load({ upload: { ...journalPlace(this.shard), sequence: this.#used } });
      try {
        await withOpen(this.#files, (sources) => {
          return way.take(() => server.service.uploadShard(name, named(sources, first)));
        });
        return;
      } catch (error) {
        signal.throwIfAborted();
        const isAway = error instanceof TsmError && error.code === 'UNREACHABLE';
        if (!isAway || clock.now() >= deadlineMs) throw asServiceFault(error, again);
        // It may have been ended in the middle, and be started again.
        await clock.sleep(500, signal);
      }
    }
  }

  /** Finds the values that the server's shard does not have. */
  async #findMissing(theirs: Shard): Promise<MissingValues> {
    const { scratch } = this.#settings;
    let ours: Shard | undefined;
    try {
      return await withOpen(this.shard.files, async (sources) => {
        ours = await openShard({ files: named(sources.map(kept), 0) });
        return await missingValues(ours, theirs, scratch);
      });
    } catch (error) {
      throw asServiceFault(error, again);
    } finally {
      await ours?.close();
    }
  }

  async #fileNames(name: ShardName): Promise<readonly string[]> {
    const { server } = this.#settings;
    return await server.asked(() => server.service.fileNames(name));
  }

  /** Waits until the server counts at least what the shard has; returns what it lacks after some time. */
  async #shown(): Promise<string | undefined> {
    const { clock, signal } = this.#settings;
    const endMs = clock.now() + SHOWN_MS_MAX;
    for (let waitMs = 20; ; waitMs = Math.min(2 * waitMs, 2_000)) {
      const lacks = await this.#counted();
      if (lacks === undefined || clock.now() >= endMs) return lacks;
      await clock.sleep(waitMs, signal);
    }
  }

  async #counted(): Promise<string | undefined> {
    const { server, fill } = this.#settings;
    try {
      return await lacksOf(this.shard, server.connection, { countsAll: fill });
    } catch (error) {
      if (isSwapping(error)) return 'that the shard is disabled';
      throw error;
    }
  }
}

/**
 * Drops the series that claimed fields, if there are any. A shard that was not sent forgets its claims.
 *
 * @param loads of one database
 * @throws RestoreError `NOT_LOADED`, `SERVER_…`; the signal's reason
 */
export async function dropClaims(loads: readonly ShardLoad[], settings: LoadSettings): Promise<void> {
  const one = loads.find(({ hasMarker }) => hasMarker);
  if (one === undefined) return;
  const { connection } = settings.server;
  if (await dropMarker(one.shard.database, { ...settings, connection })) return;
  throw notLoaded(one.shard, 'it shows that the shard is disabled');
}
