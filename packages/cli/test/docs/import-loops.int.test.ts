import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { findInfluxBinaries, type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const instance = 'influxdb-0.influxdb';

/** Each page that prints a loop, and how it names the folder of the backup. */
const pages = [
  ['README.md', '/var/backups/influx'],
  ['docs/disaster-recovery.md', 'backup'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a part of the source that prints the loop
  ['examples/quickstart/src/result.ts', '${backupDir}'],
] as const;

/** Returns the loop that a page prints, for a bucket and a server. */
async function loopOf(page: string, root: string, bucket: string, { httpPort }: Influxd): Promise<string> {
  const text = await readFile(new URL(`../../../../${page}`, import.meta.url), 'utf8');
  const [loop = ''] = /^ *for f in \$\(find .*\n(?: *precision=.*\n)?.*influx .*-import[\s\S]*?done$/m.exec(text) ?? [];
  expect(loop).toContain(`-not -path '${root}/~*'`);
  return loop
    .replaceAll(`find ${root}`, `find ${bucket}`)
    .replaceAll(`'${root}/~*'`, `'${bucket}/~*'`)
    .replace(/influx (?:-host \S+ -port \S+ )?(?=-import)/, `influx -port ${httpPort} `);
}

describe.skipIf(!(await influxdAvailable()))('the loops for the official importer', () => {
  let folder: string;
  let server: Influxd;
  let binDir: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-loops-'));
    server = await startInfluxd();
    binDir = dirname((await findInfluxBinaries()).influx);
    const sink = await BackupSink.open({
      storage: new LocalStorage(join(folder, 'bucket')),
      spoolDir: join(folder, 'spool'),
      precision: 's',
      onInvalid: 'quarantine',
    });
    await sink.write({ instance, database: 'db_0' }, { lines: 'cpu v=1 1700000000\nbad\n', precision: 's' });
    await sink.write(
      { instance, database: 'db_1', retentionPolicy: 'rp' },
      { lines: 'cpu v=2 1700000000\n', precision: 's' },
    );
    await sink.close();
  });

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(pages)(
    'of %s writes every point of a bucket that holds heartbeats, and executes nothing else',
    async (page, root) => {
      const bucket = join(folder, 'bucket');
      const names = (await run('find', [bucket, '-name', '*.gz'])).stdout;
      expect(names).toContain('/~heartbeat/');
      expect(names).toContain('/~quarantine/');
      expect(names).toContain('/~default/');
      for (const database of ['db_0', 'db_1']) {
        await query(server.url, '', `DROP DATABASE ${database}`);
        await query(server.url, '', `CREATE DATABASE ${database}`);
      }
      await query(server.url, '', 'CREATE RETENTION POLICY rp ON db_1 DURATION INF REPLICATION 1');
      const loop = await loopOf(page, root, bucket, server);
      const { stdout, stderr } = await run('bash', ['-c', `exec 2>&1; ${loop}`], {
        env: { ...process.env, PATH: `${binDir}:${process.env.PATH}`, HOME: folder },
      });
      expect(stdout + stderr).not.toMatch(/error|failed: [1-9]|look at/i);
      expect(stdout.match(/Failed 0 inserts/g)).toHaveLength(2);
      expect(await query(server.url, 'db_0', 'SELECT v FROM cpu')).toMatchObject([
        { values: [[expect.anything(), 1]] },
      ]);
      expect(await query(server.url, 'db_1', 'SELECT v FROM rp.cpu')).toMatchObject([
        { values: [[expect.anything(), 2]] },
      ]);
    },
  );
});
