import { createHash } from 'node:crypto';
import { querySeries } from '@ceres/influx-http';
import type { Content } from './overwrites';

/** Reads all values that `writeOverwrites` can have written, without any of the code under test. */
export async function contentOf(url: string, database: string, policy: string): Promise<Content> {
  const content = new Set<string>();
  const query = `SELECT a, b, c FROM "${policy}"."m" GROUP BY host`;
  for await (const { tags, values } of querySeries({ url }, database, query)) {
    for (const [i, field] of ['a', 'b', 'c'].entries()) {
      const value = values[i + 1];
      if (value !== null) content.add(`${tags.host} ${values[0]} ${field}=${value}`);
    }
  }
  return content;
}

/** Returns how many writes a server has answered with `timeout` since it started. */
export async function timeoutsOf(url: string): Promise<number> {
  for await (const { columns, values } of querySeries({ url }, '', "SHOW STATS FOR 'write'")) {
    return Number(values[columns.indexOf('writeTimeout')]);
  }
  return 0;
}

export function digestOf(content: Content): string {
  const hash = createHash('sha256');
  for (const line of [...content].sort()) hash.update(`${line}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** Describes some values that only one of the contents has. */
export function difference(expected: Content, found: Content): string[] {
  const lost = [...expected].filter((line) => !found.has(line)).slice(0, 5);
  const strange = [...found].filter((line) => !expected.has(line)).slice(0, 5);
  return [...lost.map((line) => `lost: ${line}`), ...strange.map((line) => `not the last write: ${line}`)];
}
