import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres, type Outcome } from '../support/in-process';

const instance = 'influxdb-0';

describe.skipIf(!(await influxdAvailable()))('a backup with names of a confused client', () => {
  let folder: string;
  let server: Influxd;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-left-out-'));
    server = await startInfluxd();
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    const timestamp = BigInt(Math.floor(Date.now() / 1000)) - 60n;
    const points = [{ measurement: 'm', fields: { v: 1n }, timestamp }];
    for (const names of [{}, { retentionPolicy: 'undefined' }, { database: 'a/b' }, { database: '..' }]) {
      await sink.write({ instance, database: 'db', ...names }, points);
    }
    expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ceresOn = (command: string, ...more: string[]): Promise<Outcome> =>
    ceres([command, `file://${folder}/backup`, ...more]);
  const source = ['--instance', instance];
  const restore = (...more: string[]): Promise<Outcome> => {
    const files = ['--journal-file', join(folder, 'journal'), '--rejects-dir', join(folder, 'rejects')];
    return ceresOn('restore', ...source, '--to', server.url, ...files, ...more);
  };

  it('is listed and checked, and all else in it is restored, with what was left out and how to include it', async () => {
    expect(await ceresOn('ls')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/a\/b.*\n.*db +\(default\)/),
    });
    expect(await ceresOn('check', ...source)).toMatchObject({ exitCode: 0 });

    const hints = [
      'db.undefined (1 file): The server has no such policy, and no file says how long it keeps points. To include it, add --rp undefined=5d (or INF, to keep points for ever).',
      "a/b.(default) (1 file): InfluxDB takes no name with a slash or a backslash: 'a/b'. To include it, add --map-db a/b=NAME.",
      "...(default) (1 file): InfluxDB takes no name that stands for a folder: '..'. To include it, add --map-db ..=NAME.",
    ];
    const dry = await restore('--dry-run');
    expect(dry.exitCode).toBe(3);
    for (const hint of hints) expect(dry.stdout).toContain(`would leave out: ${hint}\n`);

    const restored = await restore();
    expect(restored.exitCode).toBe(3);
    expect(restored.stdout).toContain('Restored 1 line of 1 file');
    for (const hint of hints) expect(restored.stdout).toContain(`Left out: ${hint}\n`);
    for (const hint of hints) expect(restored.stderr).toContain(`will leave out: ${hint}\n`);
    expect(await query(server.url, 'db', 'SELECT v FROM m')).toHaveLength(1);

    const verified = await ceresOn('verify', ...source, '--to', server.url);
    expect(verified.exitCode).toBe(4);
    expect(verified.stdout).toMatch(/undefined/);
  });

  it('is restored wholly with these options, and then equal', async () => {
    const names = ['--map-db', 'a/b=a_b', '--map-db', '..=dots'];
    const options = [...names, '--rp', 'undefined=INF', '--into-existing', '--journal-file', join(folder, 'second')];
    expect(await restore(...options)).toMatchObject({ exitCode: 0, stderr: '' });
    const verified = await ceresOn('verify', ...source, '--to', server.url, ...names);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('EQUAL') });
  });
});
