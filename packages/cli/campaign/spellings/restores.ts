import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { planRestore, restore, verify } from '@ceres/restore';
import { LocalStorage } from '@ceres/storage';
import { influxTool, query } from '@ceres/testkit';
import { policies } from './schedule';

/** What is restored, and where to. */
export interface RestoreSettings {
  readonly url: string;
  /** The folder of the backup. */
  readonly root: string;
  readonly folder: string;
  /** The name of the database that was backed up. */
  readonly database: string;
  readonly lanes: number;
}

/** Creates a database with the policies that the files do not describe. */
export async function createDatabase(url: string, database: string, defaultPolicy: string): Promise<void> {
  await query(url, '', `CREATE DATABASE ${database}`);
  for (const policy of policies.slice(1)) {
    await query(url, '', `CREATE RETENTION POLICY ${policy} ON ${database} DURATION INF REPLICATION 1`);
  }
  await query(url, '', `ALTER RETENTION POLICY ${defaultPolicy} ON ${database} DEFAULT`);
}

/** Restores into `into`, and resolves with what speaks against it. */
export async function restoreByCeres(settings: RestoreSettings, into: string): Promise<string[]> {
  const { url, root, folder, database, lanes } = settings;
  const storage = new LocalStorage(root);
  const mapDatabase = { [database]: into };
  const report = await restore(await planRestore({ storage, instance: 'influxdb-0' }), {
    to: { url },
    lanes,
    mapDatabase,
    journalFile: join(folder, 'restore.journal'),
    rejectsDir: join(folder, 'rejects'),
  });
  const found = report.rejected > 0 ? [`the restore rejected ${report.rejected} records`] : [];
  const { equal } = await verify({ storage, instance: 'influxdb-0', to: { url }, mapDatabase, level: 'content' });
  return equal ? found : [...found, 'verify finds a difference in what was just restored'];
}

/** Restores as an operator does with InfluxDB's own tool alone, and resolves with what speaks against it. */
export async function restoreByImport({ url, root }: RestoreSettings): Promise<string[]> {
  const found: string[] = [];
  const files = (await readdir(root, { recursive: true })).filter((path) => path.endsWith('.gz'));
  const name = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  for (const path of files.sort((a, b) => (name(a) < name(b) ? -1 : 1))) {
    const args = ['-import', '-compressed', `-path=${join(root, path)}`, '-precision=s'];
    const { code, stdout, stderr } = await influxTool(args, { url });
    if (code !== 0) found.push(`influx -import of ${path} ended with ${code}: ${stdout}${stderr}`);
  }
  return found;
}
