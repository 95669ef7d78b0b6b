import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { influxdAvailable, influxTool, query, startInfluxd } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { workedFile } from './worked-file';

describe.skipIf(!(await influxdAvailable()))('the file in docs/file-format.md', () => {
  it("is restored by InfluxDB's own tool, into its own policy", async () => {
    const influxd = await startInfluxd();
    onTestFinished(() => influxd.stop());
    const folder = await mkdtemp(join(tmpdir(), 'ceres-worked-file-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await query(influxd.url, '', 'CREATE DATABASE db_0');
    await query(influxd.url, '', 'CREATE RETENTION POLICY rp_5d ON db_0 DURATION INF REPLICATION 1');
    await writeFile(join(folder, 'worked.gz'), gzipSync(workedFile()));
    const path = `-path=${join(folder, 'worked.gz')}`;
    expect(await influxTool(['-import', '-compressed', path, '-precision=s'], influxd)).toMatchObject({ code: 0 });
    expect(await query(influxd.url, 'db_0', 'SELECT * FROM rp_5d.cpu')).toMatchObject([
      {
        columns: ['time', 'cores', 'host', 'note', 'user'],
        values: [
          ['2026-11-23T08:15:00Z', null, 'a', 'first "run"', 0.5],
          ['2026-11-23T08:15:01Z', 2, 'a', null, 1],
        ],
      },
    ]);
  });
});
