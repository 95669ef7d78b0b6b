import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compileShards } from '../compile/compile-shards';
import type { CompiledShard } from '../compile/compiled-shard';
import { ScratchFolder } from '../compile/shards/scratch-folder';
import { RestoreError } from '../errors';
import type { DoneFile } from '../journal/done-files';
import type { Journal } from '../journal/journal';
import { countedLine, journalPlace } from '../journal/load-record';
import type { ResolvedRestore } from '../options/restore';
import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import type { Proof } from '../read/prove-file';
import { RejectBudget, RejectsFolder } from '../replay/account/rejects';
import type { Poster } from '../replay/deliver/poster';
import { Destinations } from '../replay/destinations';
import { Progress } from '../replay/progress';
import type { RestoreProofs } from '../salvage/prove-for-replay';
import type { LeftOut } from '../server/left-out/left-out';
import { findPolicy, type ServerSchema } from '../server/policies/schema';
import { Limits } from './limits';
import { type LoadSettings, loadShard } from './load-shard';
import type { NativeServer } from './native-server';
import type { ResolvedNative } from './options';

/** The parts that a native restore works with. */
export interface NativeRestore {
  readonly files: AsyncIterable<OrderedFile>;
  readonly selection: ResolvedSelection;
  readonly proofs: RestoreProofs;
  readonly settings: ResolvedRestore;
  readonly native: ResolvedNative;
  readonly schema: ServerSchema;
  readonly leftOut: readonly LeftOut[];
  readonly journal: Journal;
  readonly rejects: RejectsFolder;
  readonly progress: Progress;
  readonly poster: Poster;
  readonly server: NativeServer;
  readonly signal: AbortSignal;
}

/** Compiles the files of a plan into shards and loads them, database by database. */
export async function loadAll(restore: NativeRestore): Promise<void> {
  const scratch = await ScratchFolder.create(restore.settings.scratchDir);
  try {
    const limits = await Limits.of(restore.server.connection);
    const loader = new Loader(restore, limits, scratch);
    for await (const { database, files } of byDatabase(restore)) await loader.load(database, files);
  } finally {
    await scratch.remove();
  }
}

interface DatabaseFiles {
  readonly database: string;
  readonly files: readonly OrderedFile[];
}

async function* byDatabase({ files, settings }: NativeRestore): AsyncGenerator<DatabaseFiles> {
  let database: string | undefined;
  let some: OrderedFile[] = [];
  for await (const file of files) {
    const destination = settings.map.database(file.database);
    if (database !== undefined && destination !== database) {
      yield { database, files: some };
      some = [];
    }
    database = destination;
    some.push(file);
  }
  if (database !== undefined) yield { database, files: some };
}

class Loader {
  readonly #restore: NativeRestore;
  readonly #limits: Limits;
  readonly #scratch: ScratchFolder;
  /** The place in the journal from which on the files of the next database stand, if they are done. */
  #position = 0;

  constructor(restore: NativeRestore, limits: Limits, scratch: ScratchFolder) {
    this.#restore = restore;
    this.#limits = limits;
    this.#scratch = scratch;
  }

  /** Loads the shards of a database, unless an earlier run did. */
  async load(database: string, files: readonly OrderedFile[]): Promise<void> {
    const { journal } = this.#restore;
    if (await this.#isDone(database, files)) return;
    this.#refuseLateFiles(database, files);
    // Each pass may find types that the server had before, with which everything is counted again.
    for (let isRepeated = false; !(await this.#pass(database, files, isRepeated)); isRepeated = true);
    const done = (journal.loads.files(database) ?? []).filter(({ key }) => journal.done.find(key, this.#position) < 0);
    await journal.add(done);
    this.#position = journal.done.length;
  }

  /** Returns whether all files of a database are done or set aside. */
  async #isDone(database: string, files: readonly OrderedFile[]): Promise<boolean> {
    const { journal, progress, proofs } = this.#restore;
    // While the lines of a database are being written, a kill may leave only some: those shards are loaded.
    if (journal.loads.files(database) !== undefined && !this.#holds(files)) return false;
    let position = this.#position;
    let isAny = false;
    for (const file of files) {
      const found = position < journal.done.length ? journal.done.find(file.key, position) : -1;
      if (found < 0) {
        if (isAny) throw late(database, file.key);
        return false;
      }
      isAny = true;
      position = found + 1;
      if (journal.done.isSetAside(found) && !(await proofs.isDamaged(file))) throw late(database, file.key);
      progress.doneBefore({ lines: journal.done.linesAt(found), sizeBytes: file.sizeBytes });
    }
    this.#position = position;
    return true;
  }

  #holds(files: readonly OrderedFile[]): boolean {
    const last = files.at(-1);
    return last !== undefined && this.#restore.journal.done.find(last.key, this.#position) >= 0;
  }

  /** Refuses files that were not there when the first shard was loaded: what the server has then, wins. */
  #refuseLateFiles(database: string, files: readonly OrderedFile[]): void {
    const { loads } = this.#restore.journal;
    if (!loads.hasLoaded(database)) return;
    const known = new Set(loads.earlierFiles(database).map(({ key }) => key));
    const other = files.find(({ key }) => !known.has(key));
    if (other !== undefined) throw late(database, other.key);
  }

  /** Compiles a database and loads its shards; returns false if it must be done again. */
  async #pass(database: string, files: readonly OrderedFile[], isRepeated: boolean): Promise<boolean> {
    const { journal, server, native, rejects, settings } = this.#restore;
    const counted = journal.loads.files(database);
    this.#limits.begin(native.fill ? await seriesOf(server, database) : 0);
    // Rejected records of an earlier run or pass are there already, or are replaced.
    const aside = counted && (await mkdtemp(join(settings.scratchDir, 'ceres-rejects-')));
    const folder = aside ?? settings.rejectsDir;
    const isAgain = isRepeated || aside !== undefined;
    const shards = this.#compile(files, counted, {
      rejects: isAgain ? await RejectsFolder.open(folder, { isResume: true }) : rejects,
      isMuted: isAgain,
    });
    try {
      let isGood = true;
      for await (const shard of shards.compiled) isGood = (await this.#loadOne(shard, shards.files, isGood)) && isGood;
      // A database of which no shard has a record.
      if (isGood && journal.loads.files(database) === undefined) await this.#noteFiles(database, shards.files);
      return isGood;
    } finally {
      if (aside !== undefined) await rm(aside, { recursive: true, force: true });
    }
  }

  #compile(
    files: readonly OrderedFile[],
    counted: readonly DoneFile[] | undefined,
    { rejects, isMuted }: { readonly rejects: RejectsFolder; readonly isMuted: boolean },
  ): { readonly compiled: AsyncIterable<CompiledShard>; readonly files: DoneFile[] } {
    const { settings, selection, schema, leftOut, journal, native, proofs, signal, progress } = this.#restore;
    const now: DoneFile[] = [];
    const before = new Map(counted?.map((file) => [file.key, file]));
    const total = { files: 0, bytes: 0 };
    const compiled = compileShards(each(files), {
      selection,
      prove: (file) => proofOf(file, before.get(file.key), proofs),
      destinations: new Destinations(schema, { ...settings, leftOut, clockSkewMsMax: 0 }),
      rejects,
      budget: new RejectBudget(counted ? Infinity : settings.rejectsMax, journal.done.totals().rejected),
      progress: isMuted ? new Progress(total, settings.clock, undefined) : progress,
      signal,
      scratchDir: settings.scratchDir,
      memoryBytesMax: native.memoryBytesMax,
      isWanted: (place) => counted === undefined || !journal.loads.isLoaded(place),
      knownTypes: (place) => journal.loads.types(place),
      onFile: async (file) => {
        const done = file.done();
        const known = before.get(done.key);
        if (known !== undefined && (known.damage === undefined) !== (done.damage === undefined))
          throw changed(done.key);
        now.push(done);
      },
    });
    return { compiled, files: now };
  }

  async #loadOne(shard: CompiledShard, files: readonly DoneFile[], mayLoad: boolean): Promise<boolean> {
    const { journal } = this.#restore;
    if (journal.loads.isLoaded(shard)) {
      await shard.release();
      return true;
    }
    await this.#limits.add(shard);
    if (mayLoad && journal.loads.files(shard.database) === undefined) await this.#noteFiles(shard.database, files);
    const open = await Promise.all(shard.files.map((file) => file.open()));
    try {
      const conflicts = await loadShard(shard, open, this.#loadSettings());
      const place = journalPlace(shard);
      await journal.load(
        ...conflicts.map(({ measurement, field, type }) => ({
          type: { ...place, measurement: latin1(measurement), field: latin1(field), type },
        })),
      );
      return conflicts.length === 0;
    } finally {
      for (const source of open) await source.close();
      await shard.release();
    }
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
      scratch: this.#scratch,
      marker: journal.header?.plan ?? '',
      fill: native.fill,
      shardDurationMs: ({ database, retentionPolicy }) =>
        findPolicy(schema, database, retentionPolicy)?.shardDurationMs ?? Infinity,
    };
  }
}

/** A file that was set aside when the first shard was loaded stays so: the others were loaded without it. */
async function proofOf(file: OrderedFile, before: DoneFile | undefined, proofs: RestoreProofs): Promise<Proof> {
  return before?.damage === undefined ? await proofs.prove(file) : { damage: before.damage };
}

async function seriesOf({ connection }: NativeServer, database: string): Promise<number> {
  const [row] = await connection.ask(database, 'SHOW SERIES CARDINALITY');
  return Number(row?.values.at(-1) ?? 0);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

function late(database: string, key: string): RestoreError {
  const what = `${key} arrived, or could be read, only after shards of '${database}' were loaded, and shards that are loaded cannot be changed natively`;
  const todo = 'Run the same command without native (--native): it continues with the same journal';
  return new RestoreError('NATIVE_REFUSED', `${what}. ${todo}.`);
}

function changed(key: string): RestoreError {
  const what = `${key} is not what it was when its database was compiled`;
  return new RestoreError('STORAGE', `${what}. Check the storage, then run the same command again.`);
}
