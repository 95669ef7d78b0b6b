import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { systemClock } from '@ceres/internal';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const dayMs = 86_400_000;
const openedMs = Date.now() - 10 * dayMs;

describe.skipIf(!(await influxdAvailable()))('ceres restore of a backup that is older than its policy keeps', () => {
  let folder: string;
  let server: Influxd;
  const restore = (...more: string[]) => [
    ...['restore', `file://${folder}/backup`, '--instance', instance, '--to', server.url],
    ...['--journal-file', join(folder, 'journal'), '--rejects-dir', join(folder, 'rejects'), ...more],
  ];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-expiry-'));
    server = await startInfluxd();
    const storage = new LocalStorage(join(folder, 'backup'));
    const clock = { ...systemClock, now: () => openedMs };
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's', clock });
    const point = { measurement: 'm', fields: { v: 1 }, timestamp: BigInt(Math.floor(openedMs / 1000)) };
    await sink.write({ instance, database: 'db', retentionPolicy: 'rp' }, [point]);
    await sink.close();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('says once, before it sends a line, which points it will not send; also in a dry run', async () => {
    const dry = await ceres(restore('--rp', 'rp=5d', '--dry-run'));
    expect(dry.stdout).toMatch(
      /^would not send: points of db\.rp before \d{4}-.*Z, which the policy no longer keeps$/m,
    );

    await query(server.url, '', 'CREATE DATABASE db WITH DURATION 5d NAME rp');
    const { exitCode, stdout, stderr } = await ceres(restore('--rp', 'rp=30d'));
    expect(stderr.match(/^will not send: points of db\.rp before/gm)).toHaveLength(1);
    expect(stderr).toContain(
      "db.rp keeps points for a shorter time than the backup's policy did. To restore them, lengthen it first.",
    );
    expect(stdout).toContain('Did not send 1 line: older than the policy keeps.');
    expect(exitCode).toBe(0);
  });

  it('restores them with the same command once the policy is longer, although that restore has finished', async () => {
    await query(server.url, '', 'ALTER RETENTION POLICY rp ON db DURATION 30d');
    const { exitCode, stdout } = await ceres(restore());
    expect(stdout).toMatch(/^Restored 1 line of 1 file in /m);
    expect(exitCode).toBe(0);
  });
});
