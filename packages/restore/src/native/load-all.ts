import { ScratchFolder } from '../compile/shards/scratch-folder';
import { Crew } from '../compile/threads/crew';
import { RightOfWay } from '../compile/threads/right-of-way';
import type { OrderedFile } from '../plan/order';
import { DatabaseCompiler } from './database-compiler';
import { Limits } from './limits';
import { Loader } from './loader';
import type { DatabaseFiles, NativeRestore } from './native-restore';

/** Compiles the files of a plan into shards and loads them, database by database. While one is being loaded, the next one is compiled. */
export async function loadAll(restore: NativeRestore): Promise<void> {
  const limits = await Limits.of(restore.server.connection);
  const scratch = await ScratchFolder.create(restore.settings.scratchDir);
  const failed = new AbortController();
  const signal = AbortSignal.any([restore.signal, failed.signal]);
  const way = new RightOfWay();
  const crew = new Crew({ ...restore.native, scratch, signal, way, lines: restore.proofs.shareLines() });
  const parts = { ...restore, signal };
  const compiler = new DatabaseCompiler(parts, crew);
  const loader = new Loader(parts, { limits, scratch, compiler, way });
  let loading: Promise<void> = Promise.resolve();
  try {
    for await (const all of byDatabase(restore)) {
      const one = await loader.begin(all);
      if (one === undefined) continue;
      const compiled = compiler.compile(one);
      const before = loading;
      loading = before.then(() => loader.load(one, compiled));
      loading.catch((error: unknown) => failed.abort(error));
      await compiled.read;
      await before; // The scratch folder holds at most what is being loaded, and the next database.
    }
    await loading;
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    await Promise.allSettled([loading, compiler.settled()]);
    await crew.close();
    await scratch.remove();
  }
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
