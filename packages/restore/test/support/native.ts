import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Influxd, query, startInfluxd } from '@ceres/testkit';
import { afterAll } from 'vitest';
import type { RestoreOptions } from '../../src/options/restore';
import { planRestore } from '../../src/plan/plan';
import { type RestoreReport, restore } from '../../src/restore';
import { type BackupFile, backupOf } from './backup';
import { nativeOf } from './native-content';
import { rejectedIn } from './workspace';

/** A restore, and where it kept what it did. */
export interface Outcome {
  readonly report: RestoreReport;
  readonly rejected: Record<string, string>;
}

/** Servers and folders of a test file. All of them are removed after it. */
export class NativeGround {
  readonly #servers: Influxd[] = [];
  readonly #folders: string[] = [];

  constructor() {
    afterAll(async () => {
      for (const server of this.#servers) await server.stop();
      for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
    });
  }

  async start(index: 'inmem' | 'tsi1' = 'inmem', settings: object = {}): Promise<Influxd> {
    const server = await startInfluxd({ settings: { data: { 'index-version': index, ...settings } } });
    this.#servers.push(server);
    return server;
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-native-test-'));
    this.#folders.push(folder);
    return folder;
  }

  /** Restores files into a server: natively unless `options` say otherwise. */
  async restore(
    server: Influxd,
    files: readonly BackupFile[],
    options: Partial<RestoreOptions> = {},
    folder?: string,
  ): Promise<Outcome> {
    const work = folder ?? (await this.folder());
    const plan = await planRestore({ storage: await backupOf(...files), instance: 'src' });
    const report = await restore(plan, {
      to: { url: server.url },
      journalFile: join(work, 'journal'),
      rejectsDir: join(work, 'rejects'),
      scratchDir: work,
      native: nativeOf(server),
      ...options,
    });
    return { report, rejected: await rejectedIn(join(work, 'rejects')) };
  }
}

/** Counts the values that queries show, by field; `*` would hide what InfluxDB's index does not know. */
export async function shownCounts(server: Influxd, database: string): Promise<Record<string, number>> {
  const rows = await query(server.url, database, 'SELECT COUNT(*) FROM /.*/');
  return Object.fromEntries(
    rows.flatMap(({ name, columns, values }) =>
      columns.slice(1).map((column, i) => [`${name}.${column}`, Number(values[0]?.[i + 1] ?? 0)]),
    ),
  );
}
