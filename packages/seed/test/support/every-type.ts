import { query, writeRaw } from '@ceres/testkit';

const WEEK_NS = 604_800_000_000_000n;
const START_NS = 1_767_571_200_000_000_000n;

/** What may stand in a point: names and values that a line must escape, and the ends of every type. */
const values = ['1', '-0', '1.7976931348623157e308', '5e-324', '0.1', '1e21', '-123456789.12345678'];
const integers = ['0i', '-1i', '9223372036854775807i', '-9223372036854775808i', '9007199254740993i'];
const texts = ['""', '"a b"', '"say \\"hi\\""', '"back\\\\slash"', '"ü ✓"', '"a,b=c"', '"tab\there"'];

/** Lines of one week, of every type; `two_types` has another type in each. */
export function linesOf(week: number, count: number): string[] {
  const kinds = [values, integers, texts, ['true', 'false']];
  return Array.from({ length: count }, (_, i) => {
    const time = START_NS + BigInt(week) * WEEK_NS + BigInt(i) * 1_000_000_000n;
    const at = (kind: readonly string[]) => kind[i % kind.length] as string;
    return [
      `cpu,host=h${i % 5},zone=a\\ b\\,c\\=d float=${at(values)},integer=${at(integers)},text=${at(texts)},flag=${i % 2 === 0} ${time}`,
      `odd\\ name\\,ü,t=ü\\ ${i % 3} f\\ 1=${i / 3},f\\,2=${i}i,f\\=3="${i}" ${time}`,
      `sparse,host=h${i % 2} ${i % 3 === 0 ? `a=${i}` : `b=${i}i`} ${time}`,
      `two_types v=${at(kinds[week % 4] as string[])} ${time}`,
    ];
  }).flat();
}

/**
 * Fills a database with points of every type in several shards and two policies: overwritten points, deleted ones, a deleted measurement, times before 1970 and
 * in the future, and what is still in the cache and the WAL.
 */
export async function fillDatabase(url: string, database: string): Promise<void> {
  await query(url, '', `CREATE DATABASE "${database}" WITH DURATION INF SHARD DURATION 7d`);
  await query(
    url,
    '',
    `CREATE RETENTION POLICY "long one" ON "${database}" DURATION 52w REPLICATION 1 SHARD DURATION 2w`,
  );
  const write = async (lines: readonly string[], parameters = {}) => {
    const { status, body } = await writeRaw(url, database, lines.join('\n'), { precision: 'ns', ...parameters });
    if (status !== 204) throw new Error(`InfluxDB answered ${status}: ${body}`);
  };
  for (const week of [0, 1, 2, 3]) await write(linesOf(week, 600));
  await write(['early v=1 -1', 'early v=2i,w=3 -604800000000001', 'early v=3 1', 'late v=1 4102444800000000001']);
  await write([
    `wide ${Array.from({ length: 300 }, (_, i) => `f${i}=${i}`).join(',')} 5`,
    `long s="${'x'.repeat(70_000)}" 6`,
  ]);
  const now = BigInt(Date.now()) * 1_000_000n;
  await write([`kept,host=a v=1 ${now - WEEK_NS}`, `kept,host=b v=2 ${now}`], { rp: 'long one' });
  await query(url, database, `DELETE FROM cpu WHERE host = 'h1' AND time < '2026-01-20T00:00:00Z'`);
  await query(
    url,
    database,
    `DELETE FROM sparse WHERE time >= '2026-01-05T00:01:00Z' AND time < '2026-01-05T00:02:00Z'`,
  );
  await write(['gone v=1 7']);
  await query(url, database, 'DROP MEASUREMENT gone');
  // Over what is in files and was deleted, into the cache and the WAL.
  await write(linesOf(1, 30));
}
