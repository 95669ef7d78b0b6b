import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findInfluxBinaries, type Influxd, type InfluxdSettings, query } from '@ceres/testkit';
import { ColumnBuffer, type FieldType, openDataDirectory, openPortableFolder, valueAt } from '@ceres/tsm';
import { answers } from './answers';
import {
  addColumn,
  type Content,
  contentKey,
  contentOf,
  differences,
  type Outcome,
  pointsIn,
  seriesKeyOf,
} from './content';
import { type FuzzField, randomFields, type TimeWindow } from './random-fields';
import { shardFiles } from './round-trip';
import { linesOf, windows, write } from './server-lines';

const run = promisify(execFile);

/** How a server reads what we wrote. */
export interface ServerOptions {
  readonly database: string;
  readonly index: 'inmem' | 'tsi1';
  /** True if the server compacts the files of the shards, and answers once more after it. */
  readonly compacts: boolean;
}

/** Puts files that we write into the data directory of a stopped server. Its queries must say the same, also after another restart. */
export async function writeForServer(
  server: Influxd,
  random: () => number,
  points: number,
  { database, index, compacts }: ServerOptions,
): Promise<Outcome> {
  await query(server.url, '', `CREATE DATABASE ${database} WITH DURATION INF SHARD DURATION 7d`);
  // One point makes each shard.
  const seeds = windows.map(({ first }) => `seed v=1 ${first}`).join('\n');
  await write(server, database, seeds);
  const ids = await shardIds(server, database);
  await server.kill();
  const expected: Content = new Map();
  const types = new Map<string, FieldType>();
  for (const [i, window] of windows.entries()) {
    const fields = randomFields(random, points / windows.length, window, 'a server').map((one) => ({
      ...one,
      measurement: `${one.measurement} ${i}`, // A type belongs to one shard: other measurements keep the two shards apart.
    }));
    const folder = join(server.dataDir, 'data', database, 'autogen', String(ids[i]));
    for (const [name, bytes] of await shardFiles(fields, { fileBytesMax: 500_000 }))
      await writeFile(join(folder, name), bytes);
    // The server makes these again, from the files.
    for (const name of ['fields.idx', 'index']) await rm(join(folder, name), { recursive: true, force: true });
    remember(fields, expected, types);
  }
  const all: string[] = [];
  for (const when of ['a start', 'another start', ...(compacts ? ['a compaction'] : [])]) {
    await server.restart(influxdSettings(index, when === 'a compaction'));
    if (when === 'a compaction') await compacted(server, database, ids);
    const found = await answers(server, database, types);
    all.push(...differences(`written by us, answered by InfluxDB (${index}) after ${when}`, expected, found));
  }
  await query(server.url, '', `DROP DATABASE ${database}`);
  return { points: pointsIn(expected), differences: all };
}

/** Returns settings for a server: how it finds series, and whether it compacts a shard as soon as no one writes to it. */
export function influxdSettings(index: ServerOptions['index'], compacts = false): InfluxdSettings {
  if (!compacts) return { data: { 'index-version': index } };
  // The point that made the shard is in the cache: as a file, it makes a second generation, without which there is no compaction.
  const cold = { 'cache-snapshot-write-cold-duration': '1s', 'compact-full-write-cold-duration': '1s' };
  return { data: { 'index-version': index, ...cold } };
}

/** Waits until each shard is one file that the server made. */
async function compacted(server: Influxd, database: string, ids: readonly number[]): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const folders = ids.map((id) => readdir(join(server.dataDir, 'data', database, 'autogen', String(id))));
    const names = (await Promise.all(folders)).map((all) => all.filter((name) => /\.tsm(?:\.tmp)?$/.test(name)));
    if (names.every((all) => all.length === 1 && !all[0]?.endsWith('000.tsm') && all[0]?.endsWith('.tsm'))) return;
    await delay(100);
  }
  throw new Error(`InfluxDB did not compact the shards ${ids.join(' and ')} of ${database} within 30 s.`);
}

/** Writes lines into a server. Its backup and its data directory, WAL included, must say the same to us. */
export async function readFromServer(
  server: Influxd,
  random: () => number,
  points: number,
  database: string,
): Promise<Outcome> {
  await query(server.url, '', `CREATE DATABASE ${database} WITH DURATION INF SHARD DURATION 7d`);
  const [window] = windows as readonly [TimeWindow];
  const expected: Content = new Map();
  const first = randomFields(random, points / 2, window, 'a server');
  for (const lines of linesOf(first)) await write(server, database, lines);
  remember(first, expected);
  const folder = await mkdtemp(join(tmpdir(), 'ceres-tsm-backup-'));
  try {
    const { influxd } = await findInfluxBinaries();
    await run(influxd, ['backup', '-portable', '-host', `127.0.0.1:${server.rpcPort}`, '-db', database, folder]);
    const backup = await contentOf(await openPortableFolder(folder), database);
    const all = [...differences('written by InfluxDB, read by us from a backup', expected, backup)];
    // Some of these replace points that are in a TSM file by now.
    const second = [
      ...randomFields(random, points / 2, window, 'a server').map(renamed),
      ...first.slice(0, 5).map(reversed),
    ];
    for (const lines of linesOf(second)) await write(server, database, lines);
    remember(second, expected);
    await server.kill();
    const cold = await contentOf(await openDataDirectory(join(server.dataDir, 'data')), database);
    all.push(...differences('written by InfluxDB, read by us from its data directory', expected, cold));
    await server.restart();
    await query(server.url, '', `DROP DATABASE ${database}`);
    return { points: pointsIn(expected), differences: all };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function remember(fields: readonly FuzzField[], content: Content, types = new Map<string, FieldType>()): void {
  for (const one of fields) {
    const key = contentKey(seriesKeyOf(one), one.field);
    addColumn(content, key, one.column);
    types.set(key, one.column.type);
  }
}

/** Other measurements: the types of the first ones stay. */
function renamed(field: FuzzField): FuzzField {
  return { ...field, measurement: `${field.measurement} again` };
}

/** The same times with the values in the opposite order. */
function reversed({ column, ...field }: FuzzField): FuzzField {
  const other = new ColumnBuffer(column.type, column.length);
  for (let i = 0; i < column.length; i += 1)
    other.push(column.times[i] as bigint, valueAt(column, column.length - 1 - i));
  return { ...field, column: other };
}

/** Returns the ids of the shards in the order of the windows. */
async function shardIds(server: Influxd, database: string): Promise<readonly number[]> {
  const rows = (await query(server.url, '', 'SHOW SHARDS')).find(({ name }) => name === database)?.values ?? [];
  return rows
    .map((row) => [row[0] as number, Date.parse(row[4] as string)] as const)
    .sort(([, a], [, b]) => a - b)
    .map(([id]) => id);
}
