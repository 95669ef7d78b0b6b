import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { float, integer, LineEncoder, type Point } from '@ceres/lineproto';
import { findInfluxBinaries, type Influxd, query, writeRaw } from '@ceres/testkit';
import { ColumnBuffer, type FieldType, openDataDirectory, openPortableFolder, valueAt } from '@ceres/tsm';
import {
  addColumn,
  answerText,
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

const run = promisify(execFile);
const WEEK_NS = 604_800_000_000_000n;
/** One shard in the middle, and the last one there is, up to the last time. */
const windows: readonly TimeWindow[] = [
  { first: 1_767_571_200_000_000_000n, last: 1_767_571_200_000_000_000n + WEEK_NS - 1n },
  { first: 9_222_940_800_000_000_000n, last: 2n ** 63n - 2n },
];
const BATCH_POINTS = 5_000;

/** Puts files that we write into the data directory of a stopped server. Its queries must say the same, also after another restart. */
export async function writeForServer(
  server: Influxd,
  random: () => number,
  points: number,
  database: string,
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
    // The server makes the list of fields again, from the files.
    await rm(join(folder, 'fields.idx'), { force: true });
    remember(fields, expected, types);
  }
  const all: string[] = [];
  for (const when of ['after a start', 'after another start']) {
    await server.restart();
    all.push(
      ...differences(`written by us, answered by InfluxDB ${when}`, expected, await answers(server, database, types)),
    );
  }
  return { points: pointsIn(expected), differences: all };
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

function* linesOf(fields: readonly FuzzField[]): Generator<Uint8Array> {
  const encoder = new LineEncoder({ precision: 'ns' });
  for (const { measurement, tags, field, column } of fields) {
    for (let from = 0; from < column.length; from += BATCH_POINTS) {
      const points: Point[] = [];
      for (let i = from; i < Math.min(from + BATCH_POINTS, column.length); i += 1) {
        points.push({
          measurement,
          tags,
          fields: { [field]: fieldValue(column, i) },
          timestamp: column.times[i] as bigint,
        });
      }
      yield encoder.encode(points);
    }
  }
}

function fieldValue(column: ColumnBuffer, i: number): Point['fields'][string] {
  const value = valueAt(column, i);
  if (typeof value === 'number') return float(value);
  if (typeof value === 'bigint') return integer(value);
  return typeof value === 'boolean' ? value : Buffer.from(value).toString('utf8');
}

async function write(server: Influxd, database: string, lines: string | Uint8Array): Promise<void> {
  const { status, body } = await writeRaw(server.url, database, lines, { precision: 'ns' });
  if (status !== 204) throw new Error(`InfluxDB answered ${status}: ${body}`);
}

/** Returns the ids of the shards in the order of the windows. */
async function shardIds(server: Influxd, database: string): Promise<readonly number[]> {
  const rows = (await query(server.url, '', 'SHOW SHARDS')).find(({ name }) => name === database)?.values ?? [];
  return rows
    .map((row) => [row[0] as number, Date.parse(row[4] as string)] as const)
    .sort(([, a], [, b]) => a - b)
    .map(([id]) => id);
}

/** Asks for one measurement after another: in one answer, a column would have one type for all of them. */
async function answers(server: Influxd, database: string, types: ReadonlyMap<string, FieldType>): Promise<Content> {
  const content: Content = new Map();
  const measurements = (await query(server.url, database, 'SHOW MEASUREMENTS')).flatMap(({ values }) =>
    values.map(([name]) => String(name)),
  );
  for (const name of measurements) {
    if (name !== 'seed')
      await addAnswer(content, server, database, `SELECT * FROM autogen."${name}" GROUP BY *`, types);
  }
  return content;
}

/** Takes the answer apart as text: JSON's own numbers would lose digits. */
async function addAnswer(
  content: Content,
  server: Influxd,
  database: string,
  q: string,
  types: ReadonlyMap<string, FieldType>,
): Promise<void> {
  const url = `${server.url}/query?${new URLSearchParams({ db: database, epoch: 'ns', q, chunked: 'true' })}`;
  for (const line of (await (await fetch(url)).text()).split('\n')) {
    if (line === '') continue;
    const quoted = line.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
      token.startsWith('"') ? token : `["${token}"]`,
    );
    const { results } = JSON.parse(quoted) as {
      results: readonly { error?: string; series?: readonly AnswerSeries[] }[];
    };
    for (const { error, series = [] } of results) {
      if (error !== undefined) throw new Error(error);
      for (const one of series) addSeries(content, one, types);
    }
  }
}

interface AnswerSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** A number is an array with its text. */
  readonly values: readonly (readonly (readonly [string] | string | boolean | null)[])[];
}

function addSeries(
  content: Content,
  { name, tags = {}, columns, values }: AnswerSeries,
  types: ReadonlyMap<string, FieldType>,
): void {
  const series = seriesKeyOf({ measurement: name, tags });
  for (const [i, field] of columns.entries()) {
    if (i === 0) continue;
    const key = contentKey(series, field);
    const points = content.get(key) ?? new Map<bigint, string>();
    for (const row of values) {
      const [time, value] = [row[0] as readonly [string], row[i]];
      if (value === null || value === undefined) continue;
      const token = Array.isArray(value) ? (value[0] as string) : JSON.stringify(value);
      points.set(BigInt(time[0]), answerText(token, types.get(key) ?? 'float'));
    }
    if (points.size > 0) content.set(key, points);
  }
}
