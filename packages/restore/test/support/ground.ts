import {
  type Influxd,
  type InfluxdSettings,
  influxdAvailable,
  type QuerySeries,
  query,
  startInfluxd,
} from '@ceres/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import type { RestoreOptions } from '../../src/options/restore';
import { planRestore } from '../../src/plan/plan';
import type { RestorePlan, Selection } from '../../src/plan/types';
import { type RestoreReport, restore } from '../../src/restore';
import { type BackupFile, backupOf } from './backup';
import { openWorkspace, type Workspace } from './workspace';

export const startMs = Date.UTC(2024, 0, 10);
export const startS = startMs / 1000;

/** Returns `count` lines of one series, a second apart. */
export function numbered(count: number, tag = 'a'): string {
  return Array.from({ length: count }, (_, i) => `m,t=${tag} v=${i} ${startS + i}\n`).join('');
}

/** What each test works with: a server for the whole suite, and a database name and folder of its own. */
export interface Ground {
  readonly influxd: Influxd;
  readonly workspace: Workspace;
  readonly database: string;
  /** Returns the required options: server, journal and rejects. */
  options(): Pick<RestoreOptions, 'to' | 'journalFile' | 'rejectsDir'>;
  /** Plans and restores a backup of these files. */
  run(
    files: readonly BackupFile[],
    more?: Partial<RestoreOptions>,
    selection?: Partial<Selection>,
  ): Promise<RestoreReport>;
  planOf(files: readonly BackupFile[], selection?: Partial<Selection>): Promise<RestorePlan>;
  rows(select: string, database?: string): Promise<QuerySeries['values']>;
  /** Returns the rows of a statement by the names of their columns, which other versions have in another order. */
  records(statement: string): Promise<Readonly<Record<string, unknown>>[]>;
  /** Counts the points that have the field `v`. */
  countOf(measurement?: string, database?: string): Promise<number>;
}

const available = await influxdAvailable();

/** Describes a suite on a real InfluxDB. */
export function describeOnInfluxd(
  title: string,
  tests: (ground: Ground) => void,
  settings: InfluxdSettings = {},
): void {
  describe.skipIf(!available)(title, () => {
    let influxd: Influxd;
    let workspace: Workspace;
    let count = 0;

    beforeAll(async () => {
      influxd = await startInfluxd({ settings });
    });
    afterAll(() => influxd.stop());
    beforeEach(async () => {
      workspace = await openWorkspace();
      count += 1;
    });
    afterEach(() => workspace.remove());

    const ground: Ground = {
      get influxd() {
        return influxd;
      },
      get workspace() {
        return workspace;
      },
      get database() {
        return `db ${count}`;
      },
      options: () => ({
        to: { url: influxd.url },
        journalFile: workspace.journalFile,
        rejectsDir: workspace.rejectsDir,
      }),
      planOf: async (files, selection = {}) =>
        await planRestore({ storage: await backupOf(...files), instance: 'src', ...selection }),
      run: async (files, more = {}, selection = {}) =>
        await restore(await ground.planOf(files, selection), { ...ground.options(), ...more }),
      rows: async (select, database = ground.database) =>
        (await query(influxd.url, database, select)).flatMap(({ values }) => values),
      records: async (statement) =>
        (await query(influxd.url, ground.database, statement)).flatMap(({ columns, values }) =>
          values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
        ),
      countOf: async (measurement = 'm', database = ground.database) =>
        Number((await ground.rows(`SELECT COUNT(v) FROM ${measurement}`, database))[0]?.[1] ?? 0),
    };
    tests(ground);
  });
}

/** Returns a file of ten points for the test's database. */
export function fileOf({ database }: Ground, more: Partial<BackupFile> = {}): BackupFile {
  return { database, openedMs: startMs, lines: numbered(10), ...more };
}
