import { query } from '@ceres/testkit';
import type { Content } from './backup';

/** Reads every value of every policy of the databases, whatever it is called, without any of the code under test. */
export async function contentIn(url: string, databases: readonly string[], prefix: string): Promise<Content> {
  const content: Content = new Map();
  const found = (await query(url, '', 'SHOW DATABASES')).flatMap(({ values }) => values.map(([name]) => String(name)));
  const known = databases.map((name) => `${prefix}${name}`);
  for (const name of found) {
    if (name === '_internal' || known.includes(name)) continue;
    content.set(`database ${name}`, 'exists');
  }
  for (const database of databases) {
    const name = `${prefix}${database}`;
    if (!found.includes(name)) continue;
    const [policies] = await query(url, name, `SHOW RETENTION POLICIES ON "${name}"`);
    for (const [policy] of policies?.values ?? []) {
      for (const { name: measurement, tags = {}, columns, values } of await query(
        url,
        name,
        `SELECT * FROM "${name}"."${policy}"./.*/ GROUP BY *`,
      )) {
        const tagSet = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
        const series = [measurement, ...tagSet].join(' ');
        for (const row of values) {
          const timeS = Date.parse(String(row[0])) / 1000;
          for (const [i, field] of columns.entries()) {
            if (i === 0 || row[i] === null) continue;
            content.set(`${database} ${policy} ${series} ${timeS} ${field}`, JSON.stringify(row[i]));
          }
        }
      }
    }
  }
  return content;
}

/** Describes some values that only one of the contents has. */
export function difference(expected: Content, found: Content): string[] {
  const lost = [...expected].filter(([place]) => !found.has(place)).map(([place]) => `lost: ${place}`);
  const strange = [...found]
    .filter(([place, value]) => expected.get(place) !== value)
    .map(([place, value]) => `${place} is ${value} instead of ${expected.get(place) ?? 'nothing'}`);
  return [...lost.slice(0, 3), ...strange.slice(0, 3)];
}
