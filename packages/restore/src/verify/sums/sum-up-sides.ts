import { shown } from '@ceres/influx-http/internal';
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
import { type StoredSummary, sumUpStored } from '../stored/sum-up-stored';
import type { NotCompared } from '../verdict';
import { sumUpBackup } from './sum-up-backup';
import { type DatabaseSummary, sumUpDatabase } from './sum-up-database';

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
 * Sums up the backup, and then the database. Where the database's files are read, the threads that sum up the backup end their
 * work at the same time.
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
  const onBytes = (bytes: number) => steps.add('files', bytes);
  const reader = new FileReader(selection, new Keeper(scratchDir), onBytes);
  steps.begin('files', source.bytes);
  const summing = startSummingUp(options);
  try {
    const backup = await sumUpBackup(source, { ...options, reader, policies, summing });
    const finished = summing.finish();
    finished.catch(() => undefined); // thrown below
    const shards = server && (await PolicyShards.read(server, selection.until));
    const onPoints = (points: number) => steps.add('database', points);
    const overHttp = server && shards && new DatabaseSide({ ...sums, server, shards, onPoints });
    const again = async () => ({
      overHttp:
        server && new DatabaseSide({ ...sums, server, shards: await PolicyShards.read(server, selection.until) }),
      stored: (await stored?.again?.()) ?? stored,
    });
    const points = new PointReader({ overHttp, stored, ...sums, again });
    let summary: DatabaseSummary;
    if (stored !== undefined) {
      steps.begin('database', backup.records);
      const read = await sumUpStored(stored, policies, { selection, scratchDir, steps, ...sums });
      steps.set('database', backup.records);
      for (const one of await finished) addSums(one, sums);
      if (server && shards && stored.isLive) {
        const another = (grid: Grid) => new DatabaseSide({ columns: sums.columns, grid, server, shards });
        await confirmNewest(policies, { ...sums, clock: options.clock, overHttp: another });
      }
      summary = summaryOf(read, policies, sums);
    } else if (server !== undefined && shards !== undefined && overHttp !== undefined) {
      for (const one of await finished) addSums(one, sums);
      summary = await sumUpDatabase(policies, { level, selection, server, database: overHttp, shards, steps, ...sums });
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
