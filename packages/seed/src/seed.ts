import { randomUUID } from 'node:crypto';
import { type ObjectReader, retry, StorageError } from '@ceres/storage';
import { encodeSeedManifest, type SeedManifest, seedManifestKey } from '@ceres/storage/internal';
import { SeedError } from './errors';
import { bytesBody } from './files/bytes-body';
import { copyShard } from './files/shard-copy';
import type { JournalHeader, SeedIdentity } from './journal/entries';
import { Journal } from './journal/journal';
import { WorkFolder } from './journal/work-folder';
import { type ResolvedSeed, resolveSeedOptions, type SeedOptions } from './options';
import { checkPlace } from './place/later-place';
import { placeOf } from './place/place-of';
import { wasSinkOpenAt } from './place/sink-at';
import { sinksPrecision } from './place/sinks-precision';
import { type PlannedPartition, planSeed, type SeedPlan } from './plan';
import { refuseLackOfSpace } from './preview';
import { Progress } from './progress';
import { proveStored } from './prove/read-back';
import { manifestFiles, partitionsOf, type SeedReport } from './report';
import { putSchema } from './schema/put-schema';

/**
 * Copies what a database holds into a backup, in files as a sink writes them, and names them in a manifest, which comes last. Killed anywhere and called
 * again with the same options, it goes on, and ends with the same content.
 *
 * @example
 * ```ts
 * import { seed } from '@ceres/seed';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const storage = new LocalStorage('/var/backups/influx');
 * const { points, isProven } = await seed({ storage, instance: 'influxdb-0', source: 'tcp://127.0.0.1:8088', workDir: '/var/tmp/seed' });
 * console.log(points, isProven);
 * ```
 * @throws SeedError any code; TsmError for a source that cannot be read; StorageError once retrying has not helped; the signal's reason
 */
export async function seed(options: SeedOptions): Promise<SeedReport> {
  const settings = resolveSeedOptions(options);
  const startedMs = settings.clock.now();
  const folder = await WorkFolder.take(settings.workDir);
  try {
    const plan = planSeed(await settings.openSource(), settings);
    await refuseLackOfSpace(plan, settings);
    const journal = await openJournal(folder, plan, settings);
    try {
      return await runSeed({ settings, plan, journal, folder, startedMs });
    } finally {
      await journal.close();
    }
  } finally {
    await folder.release();
    // A seed that could not begin leaves nothing; the journal of one that did lets it go on, and says when it is finished.
    await folder.removeIfEmpty();
  }
}

interface Run {
  readonly settings: ResolvedSeed;
  readonly plan: SeedPlan;
  readonly journal: Journal;
  readonly folder: WorkFolder;
  readonly startedMs: number;
}

/** Goes on where an earlier run ended, or finds the place of a new seed among the files of the backup. */
async function openJournal(folder: WorkFolder, plan: SeedPlan, settings: ResolvedSeed): Promise<Journal> {
  const identity = identityOf(settings);
  const before = await Journal.resume(folder.journal, identity);
  const isOver = before?.finishedMs !== undefined && settings.again;
  if (before !== undefined && !isOver) return before;
  await before?.close();
  const place = await placeOf(plan, settings);
  const precision = settings.precision ?? (await sinksPrecision(plan, settings)) ?? 'ns';
  const { takenMs } = plan.source;
  const header: JournalHeader = { seed: 1, id: randomUUID(), identity, takenMs, precision, ...place };
  return await Journal.begin(folder.journal, folder.path, header);
}

function identityOf({ instance, source, again, selection }: ResolvedSeed): SeedIdentity {
  const { databases, retentionPolicies, measurements, from, until } = selection;
  return {
    instance,
    source,
    again,
    databases: databases ?? null,
    retentionPolicies: retentionPolicies ?? null,
    measurements: measurements ?? null,
    from: from?.toString() ?? null,
    until: until?.toString() ?? null,
  };
}

async function runSeed(run: Run): Promise<SeedReport> {
  const { settings, plan, journal } = run;
  const wasFinished = journal.finishedMs !== undefined;
  let isProven = true;
  if (!wasFinished) {
    await copyShards(run);
    isProven = await prove(run);
    const { namesMs } = journal.header;
    if (namesMs !== undefined) await checkPlace(settings.storage as ObjectReader, namesMs, settings);
    await putSchema(plan, settings, journal.header);
    await putManifest(run);
    await journal.finish(settings.clock.now());
  }
  const { id, takenMs, precision } = journal.header;
  const { done } = journal;
  const files = done.flatMap((shard) => shard.files);
  return {
    id,
    manifest: seedManifestKey(settings.instance, id),
    takenMs,
    precision,
    shards: done.length,
    files: files.length,
    points: done.reduce((sum, { points }) => sum + points, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    partitions: partitionsOf(done, plan),
    losses: lossesOf(run),
    unchecked: plan.source.unchecked,
    wasSinkOpen: await wasSinkOpenAt(takenMs, settings),
    isProven,
    wasFinished,
    elapsedMs: settings.clock.now() - run.startedMs,
  };
}

async function copyShards({ settings, plan, journal, folder }: Run): Promise<void> {
  const progress = new Progress('read', plan.shards, settings);
  for (const shard of plan.shards) {
    const isDone = journal.isDone(shard);
    if (!isDone) {
      const onPoints = (points: number) => progress.points(points);
      const filesOf = (partition: PlannedPartition) => filesDone(journal, partition);
      const done = await copyShard(shard, { settings, plan, journal, folder, filesOf, onPoints });
      await journal.finishShard(done);
    }
    progress.shard(shard, isDone);
  }
}

function filesDone(journal: Journal, { database, retentionPolicy }: PlannedPartition): number {
  const own = journal.done.filter(
    ({ shard }) => shard.database === database && shard.retentionPolicy === retentionPolicy,
  );
  return own.reduce((sum, { files }) => sum + files.length, 0);
}

/** Reads the files back. Resolves with false if the credential cannot read. */
async function prove({ settings, journal }: Run): Promise<boolean> {
  const { storage, clock, signal, pace } = settings;
  if (storage.get === undefined) return false;
  const reader = storage as ObjectReader;
  const { done } = journal;
  const progress = new Progress(
    'prove',
    done.map(({ shard, files }) => ({ ...shard, sizeBytes: files.reduce((sum, { bytes }) => sum + bytes, 0) })),
    settings,
  );
  for (const { shard, files, points } of done) {
    for (const file of files) {
      let fault: string | undefined;
      try {
        fault = await proveStored(reader, file, { clock, signal, pace });
      } catch (error) {
        if (error instanceof StorageError && error.code === 'DENIED') return false;
        throw error;
      }
      if (fault === undefined) continue;
      await journal.redo(shard);
      throw new SeedError(
        'PROOF_FAILED',
        `The storage does not return what was put: ${fault}. Nothing counts as seeded. Find out what changed it, then run the same command again: it reads shard ${shard.id} of ${shard.database}.${shard.retentionPolicy} once more.`,
      );
    }
    progress.points(points);
    progress.shard({ sizeBytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }, false);
  }
  return true;
}

async function putManifest(run: Run): Promise<void> {
  const { settings, plan, journal } = run;
  const { instance, storage, clock, signal, again, selection } = settings;
  const { id, takenMs } = journal.header;
  const { kind: source, server } = plan.source;
  const { databases, retentionPolicies: policies, measurements, from: fromNs, until: toNs } = selection;
  const selected = { databases, policies, measurements, fromNs, toNs };
  const manifest: SeedManifest = {
    id,
    instance,
    source,
    ...(server !== undefined && { server }),
    takenMs,
    again,
    selection: Object.fromEntries(Object.entries(selected).filter(([, value]) => value !== undefined)),
    partitions: partitionsOf(journal.done, plan),
    shards: journal.done.map(({ shard, files }) => ({ ...shard, files: files.length })),
    files: manifestFiles(journal.done),
    losses: lossesOf(run),
  };
  const body = bytesBody(await encodeSeedManifest(manifest));
  await retry((limited) => storage.put(seedManifestKey(instance, id), body, { signal: limited }), { clock, signal });
}

function lossesOf({ plan, journal }: Run): readonly string[] {
  return [
    ...plan.leftOut,
    ...journal.done.flatMap(({ shard, losses }) =>
      losses.map((loss) => `${shard.database}.${shard.retentionPolicy}, shard ${shard.id}: ${loss}`),
    ),
  ];
}
