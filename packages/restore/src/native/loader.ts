import type { CompiledShard } from '../compile/compiled-shard';
import type { ScratchFolder } from '../compile/shards/scratch-folder';
import type { RightOfWay } from '../compile/threads/right-of-way';
import { RestoreError } from '../errors';
import type { DoneFile } from '../journal/done-files';
import { countedLine, journalPlace } from '../journal/load-record';
import type { OrderedFile } from '../plan/order';
import { findPolicy } from '../server/policies/schema';
import type { CompiledDatabase, DatabaseCompiler } from './database-compiler';
import { inBatches } from './in-batches';
import type { Limits } from './limits';
import type { DatabaseFiles, NativeRestore } from './native-restore';
import type { NativeServer } from './native-server';
import { dropClaims, type LoadSettings, ShardLoad } from './shard/shard-load';

/** What databases are loaded with. */
interface LoaderParts {
  readonly limits: Limits;
  readonly scratch: ScratchFolder;
  readonly compiler: DatabaseCompiler;
  /** Taken by uploads. */
  readonly way: RightOfWay;
}

/** The lines of a list that loading one shard may cost. */
const LISTED_A_SHARD = 64;
/** More shards than these are not claimed ahead. */
const SHARDS_AT_ONCE_MAX = 1_024;

/** Loads databases one after the other, and keeps the journal of it. */
export class Loader {
  readonly #restore: NativeRestore;
  readonly #parts: LoaderParts;

  constructor(restore: NativeRestore, parts: LoaderParts) {
    this.#restore = restore;
    this.#parts = parts;
  }

  /**
   * Returns the files of a database that are to be loaded; `undefined` if an earlier run loaded it. Beside live writes, files that came once
   * its shards began to be loaded are left out: what they change goes in as lines.
   */
  async begin(one: DatabaseFiles): Promise<DatabaseFiles | undefined> {
    const { database } = one;
    const files = this.#restore.settings.live ? this.#withoutLate(one) : one.files;
    if (await this.#isDone(database, files)) return undefined;
    this.#refuseLateFiles(database, files);
    return { database, files };
  }

  /** Loads the shards of a database. */
  async load(one: DatabaseFiles, compiled: CompiledDatabase): Promise<void> {
    const { journal } = this.#restore;
    const { compiler } = this.#parts;
    let pass = compiled;
    // Each pass may find types that the server had before, with which everything is counted again.
    while (!(await this.#loadPass(one.database, pass))) {
      compiler.forget(pass);
      pass = compiler.compile(one, true);
    }
    const list = journal.done.of(one.database);
    await journal.add((journal.loads.files(one.database) ?? []).filter(({ key }) => list.find(key, 0) < 0));
    compiler.forget(pass);
  }

  /** Returns whether all files of a database are done or set aside. */
  async #isDone(database: string, files: readonly OrderedFile[]): Promise<boolean> {
    const { journal, progress, proofs } = this.#restore;
    const list = journal.done.of(database);
    // While the lines of a database are being written, a kill may leave only some: those shards are loaded.
    if (journal.loads.files(database) !== undefined && !this.#holds(database, files)) return false;
    let position = 0;
    let isAny = false;
    for (const file of files) {
      const found = position < list.length ? list.find(file.key, position) : -1;
      if (found < 0) {
        if (isAny) throw late(database, file.key);
        return false;
      }
      isAny = true;
      position = found + 1;
      if (list.isSetAside(found) && !(await proofs.isDamaged(file))) throw late(database, file.key);
      progress.doneBefore({ lines: list.linesAt(found), sizeBytes: file.sizeBytes });
    }
    return true;
  }

  #holds(database: string, files: readonly OrderedFile[]): boolean {
    const last = files.at(-1);
    return last !== undefined && this.#restore.journal.done.of(database).find(last.key, 0) >= 0;
  }

  #withoutLate({ database, files }: DatabaseFiles): readonly OrderedFile[] {
    const known = new Set(this.#restore.journal.loads.earlierFiles(database).map(({ key }) => key));
    return known.size === 0 ? files : files.filter(({ key }) => known.has(key));
  }

  /** Refuses files that were not there when the first shard was loaded: what the server has then, wins. */
  #refuseLateFiles(database: string, files: readonly OrderedFile[]): void {
    const { loads } = this.#restore.journal;
    if (!loads.hasLoaded(database)) return;
    const known = new Set(loads.earlierFiles(database).map(({ key }) => key));
    const other = files.find(({ key }) => !known.has(key));
    if (other !== undefined) throw late(database, other.key);
  }

  /** Loads what one pass of compiling gives; returns false if there must be another. */
  async #loadPass(database: string, { shards, files }: CompiledDatabase): Promise<boolean> {
    const { journal, server, native } = this.#restore;
    this.#parts.limits.begin(native.fill ? await seriesOf(server, database) : 0);
    let isGood = true;
    for await (const some of inBatches(shards, () => shardsAtOnce(server))) {
      isGood = (await this.#loadSome(some, files, isGood)) && isGood;
    }
    // A database of which no shard has a record.
    if (isGood && journal.loads.files(database) === undefined) await this.#noteFiles(database, files);
    return isGood;
  }

  /** Loads some shards; returns false if the server has other types in any of them. */
  async #loadSome(shards: readonly CompiledShard[], files: readonly DoneFile[], mayLoad: boolean): Promise<boolean> {
    const { journal, server, native } = this.#restore;
    // Beside those who write, there may be more shards at any time.
    if (native.fill) await server.listShards();
    const created: CompiledShard[] = [];
    let isGood = mayLoad;
    for (const shard of shards) {
      if (journal.loads.isLoaded(shard)) await shard.release();
      // What it holds takes scratch space until it is filled.
      else if (native.fill && server.shardAt(shard))
        isGood = (await this.#loadTogether([shard], files, isGood)) && isGood;
      else created.push(shard);
    }
    return (await this.#loadTogether(created, files, isGood)) && isGood;
  }

  /** Claims the fields of shards, asks once which shards the server has then, and loads these. */
  async #loadTogether(
    shards: readonly CompiledShard[],
    files: readonly DoneFile[],
    mayLoad: boolean,
  ): Promise<boolean> {
    const { journal, server } = this.#restore;
    const settings = this.#loadSettings();
    const loads: ShardLoad[] = [];
    try {
      for (const shard of shards) {
        await this.#parts.limits.add(shard);
        if (mayLoad && journal.loads.files(shard.database) === undefined) await this.#noteFiles(shard.database, files);
        loads.push(await ShardLoad.claim(shard, settings));
      }
      if (loads.some(({ isNew }) => isNew)) await server.listShards();
      const good = loads.filter(({ conflicts }) => conflicts.length === 0);
      for (const load of good) await load.send();
      await dropClaims(loads, settings);
      for (const load of good) {
        await load.confirm();
        await load.release();
      }
      const bad = loads.filter(({ conflicts }) => conflicts.length > 0);
      for (const load of bad) await this.#noteTypes(load);
      return bad.length === 0;
    } finally {
      for (const load of loads) await load.release();
    }
  }

  /** Notes the types for which a shard cannot be loaded as it is. */
  async #noteTypes({ shard, conflicts }: ShardLoad): Promise<void> {
    const place = journalPlace(shard);
    const types = conflicts.map(({ measurement, field, type }) => {
      return { type: { ...place, measurement: latin1(measurement), field: latin1(field), type } };
    });
    await this.#restore.journal.load(...types);
  }

  async #noteFiles(database: string, files: readonly DoneFile[]): Promise<void> {
    await this.#restore.journal.load(...files.map(countedLine), { loading: database });
  }

  #loadSettings(): LoadSettings {
    const { server, poster, journal, settings, signal, native, schema } = this.#restore;
    const { clock, patienceMs } = settings;
    return {
      server,
      poster,
      journal,
      clock,
      patienceMs,
      signal,
      scratch: this.#parts.scratch,
      way: this.#parts.way,
      marker: journal.header?.plan ?? '',
      fill: native.fill,
      sizes: this.#restore.liveSizes,
      shardDurationMs: ({ database, retentionPolicy }) =>
        findPolicy(schema, database, retentionPolicy)?.shardDurationMs ?? Infinity,
    };
  }
}

async function seriesOf({ connection }: NativeServer, database: string): Promise<number> {
  const [row] = await connection.ask(database, 'SHOW SERIES CARDINALITY');
  return Number(row?.values.at(-1) ?? 0);
}

/**
 * Returns how many shards are claimed before the server lists its shards: the more it has, the longer is the list. So the time for all lists grows
 * with the number of shards and no faster.
 */
function shardsAtOnce({ listed }: NativeServer): number {
  return Math.min(SHARDS_AT_ONCE_MAX, 1 + Math.floor(listed / LISTED_A_SHARD));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function late(database: string, key: string): RestoreError {
  const what = `${key} arrived, or could be read, only after shards of '${database}' were loaded, and shards that are loaded cannot be changed natively`;
  const todo = 'Run the same command without native (--native): it continues with the same journal';
  return new RestoreError('NATIVE_REFUSED', `${what}. ${todo}.`);
}
