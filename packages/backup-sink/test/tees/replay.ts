import { type Influxd, query, writeRaw } from '@ceres/testkit';
import { expect } from 'vitest';
import type { TestSink } from './backup';

/** Makes sure that a database exists and is empty. */
export async function emptyDatabase(influxd: Influxd, database: string): Promise<void> {
  await query(influxd.url, '', `DROP DATABASE "${database}"`);
  await query(influxd.url, '', `CREATE DATABASE "${database}"`);
}

/** Returns all that a database holds, in the order of its series. */
export async function contents(influxd: Influxd, database: string): Promise<unknown> {
  return query(influxd.url, database, 'SELECT * FROM /.*/ GROUP BY *');
}

/**
 * Writes what the backup holds of `database` into an empty copy, and expects both to hold the same.
 * Resolves with the number of lines.
 */
export async function expectBackupToEqual(influxd: Influxd, database: string, test: TestSink): Promise<number> {
  const copy = `${database}_copy`;
  await emptyDatabase(influxd, copy);
  const lines = (await test.lines()).filter((line) => line.startsWith(`${database}/`));
  const raw = lines.map((line) => line.slice(line.indexOf(' ') + 1)).join('\n');
  const answer = await writeRaw(influxd.url, copy, raw, { precision: httpWord[test.sink.precision] });
  expect(answer).toMatchObject({ status: 204 });
  expect(await contents(influxd, copy)).toEqual(await contents(influxd, database));
  return lines.length;
}

const httpWord = { ns: 'n', us: 'u', ms: 'ms', s: 's', m: 'm', h: 'h' };
