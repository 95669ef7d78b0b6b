import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { systemClock } from '@ceres/storage';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const dayMs = 86_400_000;
const openedMs = Date.now() - 10 * dayMs;

describe.skipIf(!(await influxdAvailable()))('ceres restore, of a backup that is older than its policy keeps,', () => {
  let folder: string;
  let server: Influxd;
  const restore = (...more: string[]) => [
    ...['restore', `file://${folder}/backup`, '--instance', instance, '--to', server.url],
    ...['--journal', join(folder, 'journal'), '--rejects', join(folder, 'rejects'), ...more],
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

  it('says before a line is sent what will not be, once; in a dry run what would not be', async () => {
    const dry = await ceres(restore('--rp', 'rp=5d', '--dry-run'));
    expect(dry.stdout).toMatch(
      /^points of db\.rp before \d{4}-.*Z would not be sent: the policy no longer keeps them$/m,
    );

    await query(server.url, '', 'CREATE DATABASE db WITH DURATION 5d NAME rp');
    const { exitCode, stdout, stderr } = await ceres(restore('--rp', 'rp=30d'));
    expect(stderr.match(/points of db\.rp before .* will not be sent/g)).toHaveLength(1);
    expect(stderr).toContain('db.rp keeps points for a shorter time than the backup says: lengthen it first');
    expect(stdout).toContain('1 lines are older than their policy keeps');
    expect(exitCode).toBe(0);
  });

  it('says that a journal has finished before, and how to restore again', async () => {
    const { exitCode, stdout } = await ceres(restore('--rp', 'rp=30d'));
    expect(stdout).toContain('Nothing was done: the restore of this journal had finished before.');
    expect(stdout).toContain('give a new --journal');
    expect(stdout).not.toContain('Restored');
    expect(exitCode).toBe(0);
  });
});
