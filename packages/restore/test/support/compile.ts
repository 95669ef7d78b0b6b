import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@ceres/internal';
import { type ColumnValue, openShard, tsmFileName, valueAt } from '@ceres/tsm';
import { compileShards } from '../../src/compile/compile-shards';
import type { CompiledShard } from '../../src/compile/compiled-shard';
import type { CompileSettings } from '../../src/compile/settings';
import { ScratchFolder } from '../../src/compile/shards/scratch-folder';
import { Crew, type CrewSettings } from '../../src/compile/threads/crew';
import { NameMap } from '../../src/options/name-map';
import { inReplayOrder, planRestore, sourceOf } from '../../src/plan/plan';
import type { Selection } from '../../src/plan/types';
import { Keeper } from '../../src/read/copy/keeper';
import { proveFile } from '../../src/read/prove-file';
import type { FileInFlight } from '../../src/replay/account/file-in-flight';
import { RejectBudget, RejectsFolder } from '../../src/replay/account/rejects';
import { Destinations } from '../../src/replay/destinations';
import { Progress } from '../../src/replay/progress';
import type { ServerSchema } from '../../src/server/policies/schema';
import { type BackupFile, backupOf } from './backup';
import { rejectedIn } from './workspace';

const weekMs = 7 * 86_400_000;

/** The values of a compiled backup by `database.policy/series field time`, and what became of its records. */
export interface Compiled {
  readonly values: ReadonlyMap<string, ColumnValue | string>;
  readonly shards: readonly CompiledShard[];
  readonly files: readonly ReturnType<FileInFlight['done']>[];
  readonly rejected: Record<string, string>;
}

/** Compiles files as `compileShards` does for a server without these databases, with one policy each. */
export async function compiled(
  files: readonly BackupFile[],
  more: Partial<CompileSettings> &
    Partial<CrewSettings> & { readonly durationMs?: number; readonly selection?: never } = {},
  selection: Partial<Selection> = {},
): Promise<Compiled> {
  const { durationMs = Infinity, threads = 1, memoryBytesMax = 512 * 1024 * 1024, pool, way, ...settings } = more;
  const storage = await backupOf(...files);
  const source = sourceOf(await planRestore({ storage, instance: 'src', ...selection }));
  const folder = await mkdtemp(join(tmpdir(), 'ceres-compile-test-'));
  const policy = { durationMs, shardDurationMs: weekMs };
  const schema: ServerSchema = new Map(
    source.partitions.map(({ database }) => {
      return [database, [{ ...policy, database, name: 'autogen', isDefault: true }]];
    }),
  );
  const [values, shards, done] = [new Map<string, ColumnValue | string>(), [], []] as [
    Map<string, ColumnValue | string>,
    CompiledShard[],
    ReturnType<FileInFlight['done']>[],
  ];
  const { signal = new AbortController().signal } = more;
  const scratch = await ScratchFolder.create(folder);
  const crew = new Crew({ scratch, memoryBytesMax, threads, signal, ...(pool && { pool }), ...(way && { way }) });
  try {
    const compiling = compileShards(
      inReplayOrder(source, (name) => name),
      {
        selection: source.selection,
        prove: (file) => proveFile(file, { storage }, new Keeper(folder)),
        destinations: new Destinations(schema, { map: new NameMap(), precision: 's', clock: systemClock, leftOut: [] }),
        rejects: await RejectsFolder.open(join(folder, 'rejects'), { isResume: false }),
        budget: new RejectBudget(Infinity, 0),
        progress: new Progress({ files: 1, bytes: 1 }, systemClock, undefined),
        signal,
        crew,
        onFile: async (file) => {
          done.push(file.done());
        },
        ...settings,
      },
    );
    for await (const shard of compiling) {
      shards.push(shard);
      await addValues(values, shard);
      await shard.release();
    }
    return { values, shards, files: done, rejected: await rejectedIn(join(folder, 'rejects')) };
  } finally {
    await crew.close();
    await rm(folder, { recursive: true });
  }
}

async function addValues(values: Map<string, ColumnValue | string>, compiledShard: CompiledShard): Promise<void> {
  const files = await Promise.all(
    compiledShard.files.map(async ({ sequence, open }) => {
      return { name: tsmFileName({ generation: 0, sequence }), source: await open() };
    }),
  );
  const shard = await openShard({ files });
  try {
    for await (const { seriesKey, field, column } of shard.columns()) {
      const place = `${compiledShard.database}.${compiledShard.retentionPolicy}`;
      const name = `${place}/${Buffer.from(seriesKey).toString('utf8')} ${Buffer.from(field).toString('utf8')}`;
      for (let i = 0; i < column.length; i += 1) {
        const value = valueAt(column, i);
        const key = `${name} ${column.times[i]}`;
        if (values.has(key)) throw new Error(`${key} is there twice`);
        values.set(key, typeof value === 'object' ? Buffer.from(value).toString('utf8') : value);
      }
    }
  } finally {
    await shard.close();
  }
}
