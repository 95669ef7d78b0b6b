import { type Column, type FieldType, type Shard, type ShardContainer, valueAt } from '@ceres/tsm';
import type { FuzzField } from './random-fields';

/** Points by series key and field, then by time. A value is a text that differs if any bit does. */
export type Content = Map<string, Map<bigint, string>>;

/** What a way through the storage was tried with, and what it got wrong. */
export interface Outcome {
  readonly points: number;
  readonly differences: readonly string[];
}

export function pointsIn(content: Content): number {
  let points = 0;
  for (const { size } of content.values()) points += size;
  return points;
}

/** Returns a series key as InfluxDB stores it. */
export function seriesKeyOf({ measurement, tags }: Pick<FuzzField, 'measurement' | 'tags'>): string {
  const escaped = (text: string) => text.replaceAll(/[,= ]/g, '\\$&');
  const pairs = Object.entries(tags).map(([key, value]) => `,${escaped(key)}=${escaped(value)}`);
  return measurement.replaceAll(/[, ]/g, '\\$&') + pairs.sort().join('');
}

export function contentKey(seriesKey: string, field: string): string {
  return `${seriesKey}#!~#${field}`;
}

/** Adds the points of a column. They replace those with the same times. */
export function addColumn(content: Content, key: string, column: Column): void {
  const points = content.get(key) ?? new Map<bigint, string>();
  content.set(key, points);
  for (let i = 0; i < column.length; i += 1) points.set(column.times[i] as bigint, valueText(column, i));
}

export async function addShard(content: Content, shard: Shard, isWanted = (_series: string) => true): Promise<void> {
  for await (const { seriesKey, field, column } of shard.columns()) {
    const series = Buffer.from(seriesKey).toString();
    if (isWanted(series)) addColumn(content, contentKey(series, Buffer.from(field).toString()), column);
  }
}

/** Reads all shards of a database, without the points that only made the shards. */
export async function contentOf(container: ShardContainer, database: string): Promise<Content> {
  const content: Content = new Map();
  for (const stored of container.shards) {
    if (stored.database !== database) continue;
    const shard = await stored.open();
    await addShard(content, shard, (series) => series !== 'seed');
    await shard.close();
  }
  return content;
}

function valueText(column: Column, i: number): string {
  const value = valueAt(column, i);
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : numberText(value);
}

/** `String` makes one text of 0 and -0. Any other two numbers have two texts. */
function numberText(value: number | bigint | boolean): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Returns what a server's JSON says of a value whose type is known: a token of JSON, taken as text. */
export function answerText(token: string, type: FieldType): string {
  if (type === 'string') return Buffer.from(JSON.parse(token) as string).toString('latin1');
  return type === 'float' ? numberText(Number(token)) : token;
}

/** Returns what differs, one sentence each, at most ten. */
export function differences(what: string, expected: Content, found: Content): string[] {
  const all: string[] = [];
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [a, b] = [expected.get(key), found.get(key)];
    for (const time of new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])) {
      if (a?.get(time) === b?.get(time)) continue;
      if (all.length === 10) return all;
      const shown = (text: string | undefined) => (text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 80)));
      all.push(`${what}: ${key} at ${time}: expected ${shown(a?.get(time))}, found ${shown(b?.get(time))}`);
    }
  }
  return all;
}
