import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Influxd, influxTool, query } from '@ceres/testkit';
import { expect } from 'vitest';

/** Restores a backup as an operator does without Ceres: the statements of its schema, then every file in the order of the names. */
export async function importAll(backup: string, target: Influxd): Promise<void> {
  const names = (await readdir(backup, { recursive: true })).filter((name) => name.endsWith('.gz')).sort();
  for (const name of names.filter((one) => one.startsWith('~schema/'))) {
    const statements = gunzipSync(await readFile(join(backup, name)))
      .toString()
      .split('\n');
    for (const statement of statements) {
      if (/^CREATE (?:DATABASE|RETENTION)/.test(statement)) await query(target.url, '', statement);
    }
  }
  for (const name of names.filter((one) => !one.startsWith('~'))) {
    const options = ['-import', '-compressed', '-precision=ns', `-path=${join(backup, name)}`];
    const { code, stderr } = await influxTool(options, target);
    expect(code, `${name}: ${stderr}`).toBe(0);
  }
}

/** The tool stores a newline in a string twice, which is why such files say that it cannot import them. */
export function withoutDoubledNewlines(
  content: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...content].map(([database, values]) => [database, values.map((one) => one.replaceAll(/\n+/g, '\n'))]),
  );
}
