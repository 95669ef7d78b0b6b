import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compileShards } from '../compile/compile-shards';
import type { CompiledShard } from '../compile/compiled-shard';
import type { Crew } from '../compile/threads/crew';
import { RestoreError } from '../errors';
import type { DoneFile } from '../journal/done-files';
import type { OrderedFile } from '../plan/order';
import type { Proof } from '../read/prove-file';
import { RejectBudget, RejectsFolder } from '../replay/account/rejects';
import { Destinations } from '../replay/destinations';
import { Progress } from '../replay/progress';
import type { RestoreProofs } from '../salvage/prove-for-replay';
import type { DatabaseFiles, NativeRestore } from './native-restore';
import { RunAhead } from './run-ahead';

/** A database that is being compiled. */
export interface CompiledDatabase {
  readonly shards: AsyncIterable<CompiledShard>;
  /** What became of its files: complete before the first shard comes. */
  readonly files: readonly DoneFile[];
  /** Resolves once all files are read. */
  readonly read: Promise<void>;
}

/** Compiles databases in the background. */
export class DatabaseCompiler {
  readonly #restore: NativeRestore;
  readonly #crew: Crew;
  readonly #running: Promise<void>[] = [];
  /** The files that are compiled, and of which the journal has no line yet. */
  readonly #counted = new Set<readonly DoneFile[]>();

  constructor(restore: NativeRestore, crew: Crew) {
    this.#restore = restore;
    this.#crew = crew;
  }

  /**
   * Begins to compile a database.
   *
   * @param isRepeated whether it was compiled in this run already, so that what becomes of its records was counted before
   */
  compile(one: DatabaseFiles, isRepeated = false): CompiledDatabase {
    const files: DoneFile[] = [];
    let onRead = () => {};
    const allRead = new Promise<void>((resolve) => (onRead = resolve));
    const shards = new RunAhead(this.#shardsOf(one, files, isRepeated, onRead));
    this.#running.push(shards.ended);
    this.#counted.add(files);
    return { shards, files, read: Promise.race([allRead, shards.ended]) };
  }

  /** Notes that the journal counts the files of a database now, or that they will be counted again. */
  forget({ files }: CompiledDatabase): void {
    this.#counted.delete(files);
  }

  /** Resolves once nothing is compiled any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async *#shardsOf(
    { database, files }: DatabaseFiles,
    now: DoneFile[],
    isRepeated: boolean,
    onRead: () => void,
  ): AsyncGenerator<CompiledShard> {
    const { settings, selection, schema, leftOut, journal, proofs, signal, rejects, progress } = this.#restore;
    const counted = journal.loads.files(database);
    const before = new Map(counted?.map((file) => [file.key, file]));
    const isAgain = isRepeated || counted !== undefined;
    // Rejected records of an earlier run or pass are there already, or are replaced.
    const aside = counted && (await mkdtemp(join(settings.scratchDir, 'ceres-rejects-')));
    try {
      yield* compileShards(each(files), {
        selection,
        prove: (file) => proofOf(file, before.get(file.key), proofs),
        destinations: new Destinations(schema, { ...settings, leftOut, clockSkewMsMax: 0 }),
        rejects: isAgain ? await RejectsFolder.open(aside ?? settings.rejectsDir, { isResume: true }) : rejects,
        budget: new RejectBudget(counted ? Infinity : settings.rejectsMax, this.#rejected()),
        progress: isAgain ? new Progress({ files: 0, bytes: 0 }, settings.clock, undefined) : progress,
        signal,
        crew: this.#crew,
        choice: { ...(counted && { without: journal.loads.loaded }), types: journal.loads.types },
        onFile: async (file) => {
          const done = file.done();
          const known = before.get(done.key);
          if (known !== undefined && (known.damage === undefined) !== (done.damage === undefined))
            throw changed(done.key);
          now.push(done);
        },
        onRead,
      });
    } finally {
      if (aside !== undefined) await rm(aside, { recursive: true, force: true });
    }
  }

  /** Returns how many records were rejected so far. */
  #rejected(): number {
    const open = [...this.#counted].flat();
    return open.reduce((sum, { rejected }) => sum + rejected, this.#restore.journal.done.totals().rejected);
  }
}

/** A file that was set aside when the first shard was loaded stays so: the others were loaded without it. */
async function proofOf(file: OrderedFile, before: DoneFile | undefined, proofs: RestoreProofs): Promise<Proof> {
  return before?.damage === undefined ? await proofs.prove(file) : { damage: before.damage };
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

function changed(key: string): RestoreError {
  const what = `${key} is not what it was when its database was compiled`;
  return new RestoreError('STORAGE', `${what}. Check the storage, then run the same command again.`);
}
