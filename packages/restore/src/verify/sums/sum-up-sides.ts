import { shown } from '@ceres/influx-http/internal';
import type { ResolvedSelection } from '../../options/selection';
import type { ResolvedComparison } from '../../options/verify';
import type { PlanSource } from '../../plan/plan';
import { Keeper } from '../../read/copy/keeper';
import type { FileFinding } from '../../read/finding';
import { FileReader } from '../../read/read-file';
import type { ComparedPolicies } from '../compared-policies';
import { Columns } from '../digest/columns';
import { Grid } from '../digest/grid';
import type { ComparedSides } from '../open-sides';
import { addSums } from '../scan/backup-sums';
import { startSummingUp } from '../scan/threads/start';
import { DatabaseSide } from '../sides/database-side';
import { PointReader } from '../sides/point-reader';
import { PolicyShards } from '../sides/policy-shards';
import { confirmNewest } from '../stored/confirm-newest';
import type { StoredDatabases } from '../stored/open-stored';
import { type StoredSummary, sumUpStored } from '../stored/sum-up-stored';
import type { NotCompared } from '../verdict';
import { type BackupSummary, sumUpBackup } from './sum-up-backup';
import { type DatabaseSummary, sumUpDatabase } from './sum-up-database';
import { together } from './together';

/** Both sides of a comparison, summed up. */
export interface SummedSides {
  readonly columns: Columns;
  readonly grid: Grid;
  readonly reader: FileReader;
  readonly points: PointReader;
  /** The points of the backup that were compared. */
  readonly compared: number;
  readonly notCompared: readonly NotCompared[];
  readonly findings: readonly FileFinding[];
  /** The measurements that the database has, and those of the selection that the backup has, as a person sees them. */
  readonly seen: ReadonlySet<string>;
}

/**
 * Sums up the backup, and then the database. Where the database's files are read, both happen at the same time: this thread would
 * only wait for those that sum up the backup.
 *
 * @throws StorageError; RestoreError `SERVER_…`, `SNAPSHOT_SERVICE`, `SCRATCH_FULL`
 */
export async function sumUpSides(
  source: PlanSource,
  { server, stored, policies }: ComparedSides,
  options: ResolvedComparison,
): Promise<SummedSides> {
  const { level, steps, scratchDir } = options;
  const { selection } = source;
  const sums = { columns: new Columns(), grid: new Grid() };
  const keeper = new Keeper(scratchDir);
  const readerOf = (signal: AbortSignal | undefined) =>
    new FileReader({ ...selection, signal }, keeper, (bytes) => steps.add('files', bytes));
  steps.begin('files', source.bytes);
  const summing = startSummingUp({ ...options, lines: keeper.share().memory });
  const readBackup = async (signal: AbortSignal | undefined) => {
    const settings = { ...options, reader: readerOf(signal), policies, summing };
    const backup = await sumUpBackup({ ...source, selection: { ...selection, signal } }, settings);
    return { ...backup, sums: await summing.finish() };
  };
  try {
    const both = stored && (await readBoth(stored, policies, { ...options, ...sums, selection, readBackup }));
    const backup = both?.backup ?? (await readBackup(selection.signal));
    for (const one of backup.sums) addSums(one, sums);
    const shards = server && (await PolicyShards.read(server, selection.until));
    const onPoints = (points: number) => steps.add('database', points);
    const overHttp = server && shards && new DatabaseSide({ ...sums, server, shards, onPoints });
    const again = async () => ({
      overHttp:
        server && new DatabaseSide({ ...sums, server, shards: await PolicyShards.read(server, selection.until) }),
      stored: (await stored?.again?.()) ?? stored,
    });
    const reader = readerOf(selection.signal);
    const points = new PointReader({ overHttp, stored, ...sums, again });
    let summary: DatabaseSummary;
    if (both !== undefined) {
      if (server && shards && stored?.isLive) {
        const another = (grid: Grid) => new DatabaseSide({ columns: sums.columns, grid, server, shards });
        await confirmNewest(policies, { ...sums, clock: options.clock, overHttp: another });
      }
      summary = summaryOf(both.read, policies, sums);
    } else if (server !== undefined && shards !== undefined && overHttp !== undefined) {
      summary = await sumUpDatabase(policies, {
        level,
        selection,
        server,
        database: overHttp,
        shards,
        steps,
        ...sums,
      });
    } else throw new TypeError('a comparison has a server or a folder');
    return {
      ...sums,
      reader,
      points,
      compared: summary.points,
      notCompared: [...backup.notCompared, ...summary.notCompared],
      findings: backup.findings,
      seen: summary.seen,
    };
  } finally {
    await summing.close();
  }
}

interface BothSettings<T> extends Pick<ResolvedComparison, 'steps' | 'scratchDir' | 'pace'> {
  readonly selection: ResolvedSelection;
  readonly columns: Columns;
  readonly grid: Grid;
  readonly readBackup: (signal: AbortSignal) => Promise<T>;
}

/** Reads the backup, and at the same time the files of the database. What is read of these shows once the backup has been read. */
async function readBoth<T extends BackupSummary>(
  stored: StoredDatabases,
  policies: ComparedPolicies,
  { readBackup, steps, selection, ...settings }: BothSettings<T>,
): Promise<{ readonly backup: T; readonly read: StoredSummary }> {
  let points = 0;
  const onPoints = (more: number) => {
    points += more;
    steps.set('database', points);
  };
  const [backup, read] = await together(
    async (signal) => {
      const all = await readBackup(signal);
      steps.begin('database', all.records);
      steps.set('database', points);
      return all;
    },
    (signal) => sumUpStored(stored, policies, { ...settings, selection: { ...selection, signal }, onPoints }),
    selection.signal,
  );
  steps.set('database', backup.records);
  return { backup, read };
}

/** Counts the points of the backup that were compared with stored databases. */
function summaryOf(
  { notCompared, left, seen }: StoredSummary,
  policies: ComparedPolicies,
  { columns, grid }: Pick<SummedSides, 'columns' | 'grid'>,
): DatabaseSummary {
  const names = new Set(seen);
  for (const { database, name } of policies.all()) {
    for (const measurement of columns.measurements(database, name)) names.add(shown(measurement));
  }
  grid.forget(left);
  const compared = columns.pointColumns().filter((column) => !left.has(column));
  const points = compared.reduce((sum, column) => sum + grid.total('backup', column), 0);
  return { points, notCompared, seen: names };
}
