import { createHash } from 'node:crypto';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { querySeries } from '@ceres/influx-http';
import { query, writeRaw } from '@ceres/testkit';

export const database = 'source';
const policies = ['autogen', 'other'];
const weekNs = 604_800_000_000_000n;
const startNs = 1_767_571_200_000_000_000n;

/** Fills a server with points of every type, in shards of a week. */
export async function fillServer(url: string): Promise<void> {
  await query(url, '', `CREATE DATABASE ${database} WITH DURATION INF SHARD DURATION 7d`);
  await query(url, '', `CREATE RETENTION POLICY other ON ${database} DURATION INF REPLICATION 1 SHARD DURATION 7d`);
  for (const rp of policies) {
    const lines = Array.from({ length: 1_500 }, (_, i) => {
      const time = startNs + BigInt(i % 5) * weekNs + BigInt(i) * 1_000_000_000n;
      return `m,host=h${i % 7} a=${i / 3},b=${i}i,c="${rp} ${i}",d=${i % 2 === 0} ${time}`;
    });
    const { status, body } = await writeRaw(url, database, lines.join('\n'), { rp });
    if (status !== 204) throw new Error(`InfluxDB answered ${status}: ${body}`);
  }
}

/** Writes points as a tee does: into a backup and into the server. They overwrite some of those that are there. */
export async function teePoints(root: string, spoolDir: string, url: string): Promise<void> {
  const lines = Array.from(
    { length: 50 },
    (_, i) => `m,host=h${i % 7} c="teed ${i}" ${startNs + BigInt(i % 5) * weekNs + BigInt(i) * 1_000_000_000n}\n`,
  );
  const sink = await BackupSink.open({ storage: new LocalStorage(root), spoolDir, precision: 'ns' });
  await sink.write(
    { instance: 'src', database, retentionPolicy: 'autogen' },
    { lines: lines.join(''), precision: 'ns' },
  );
  await sink.close();
  const { status, body } = await writeRaw(url, database, lines.join(''), { rp: 'autogen' });
  if (status !== 204) throw new Error(`InfluxDB answered ${status}: ${body}`);
}

/** Returns a digest of all values, and their number, by queries. */
export async function contentOf(url: string): Promise<{ readonly digest: string; readonly values: number }> {
  const content: string[] = [];
  const there = (await query(url, database, `SHOW RETENTION POLICIES ON ${database}`)).flatMap(({ values }) => values);
  for (const rp of policies.filter((name) => there.some(([own]) => own === name))) {
    for await (const { tags, values } of querySeries(
      { url },
      database,
      `SELECT a, b, c, d FROM "${rp}"."m" GROUP BY host`,
    )) {
      for (const [i, value] of values.entries()) {
        if (i > 0 && value !== null) content.push(`${rp} ${tags.host} ${values[0]} ${i} ${value}`);
      }
    }
  }
  const hash = createHash('sha256');
  for (const line of content.sort()) hash.update(`${line}\n`);
  return { digest: hash.digest('hex').slice(0, 16), values: content.length };
}
