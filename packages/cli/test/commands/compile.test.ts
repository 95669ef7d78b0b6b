import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres, type Outcome } from '../support/in-process';

const instance = 'influxdb-0';
const startS = Date.UTC(2024, 0, 10) / 1000;

describe('ceres compile', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-compile-'));
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    for (let week = 0; week < 3; week += 1) {
      const timestamp = BigInt(startS + week * 604_800);
      await sink.write({ instance, database: 'db' }, [{ measurement: 'm', fields: { v: 1.5 }, timestamp }]);
    }
    expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const compile = (out: string, ...more: string[]): Promise<Outcome> => {
    const folders = ['--out', join(folder, out), '--rejects-dir', join(folder, 'rejects'), '--scratch-dir', folder];
    return ceres(['compile', `file://${folder}/backup`, '--instance', instance, ...folders, ...more]);
  };

  it('says what it will make and the space that it needs, and with --dry-run writes nothing', async () => {
    const { exitCode, stdout } = await compile('nothing', '--dry-run', '--rp', 'other=1h');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('as if by: CREATE DATABASE "db"');
    expect(stdout).toMatch(/needs about \S+ \S+ of scratch space, and \S+ \S+ for the result/);
    expect(await readdir(folder)).not.toContain('nothing');
  });

  it('writes a portable backup, says how to load it, and leaves nothing in the scratch folder', async () => {
    const { exitCode, stdout } = await compile('whole');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Compiled 3 lines of 1 file into 3 shards')]);
    expect(stdout).toContain(`influxd restore -portable ${join(folder, 'whole')}`);
    const names = (await readdir(join(folder, 'whole'))).map((name) => name.replace(/^\d{8}T\d{6}Z/, ''));
    expect(names.sort()).toEqual(['.manifest', '.meta', '.s1.tar.gz', '.s2.tar.gz', '.s3.tar.gz']);
    expect((await readdir(folder)).filter((name) => name.startsWith('ceres-compile-'))).toEqual([]);
  });

  it('prints one event a line with --json, also of a part', async () => {
    const { stdout } = await compile('part', '--shard', '1/3', '--json');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'plan', files: 1 });
    expect(events[1]).toMatchObject({ event: 'preview', creates: ['CREATE DATABASE "db"'] });
    expect(events.at(-1)).toMatchObject({ event: 'report', shards: 1, lines: 1, values: 1 });
  });

  it('refuses a folder that is not empty, before it reads anything', async () => {
    const out = await mkdtemp(join(folder, 'full-'));
    await writeFile(join(out, 'mine'), '');
    const { exitCode, stderr } = await compile(out.slice(folder.length + 1));
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/is not empty: it holds mine.*OUT_REFUSED/)]);
    expect(await readdir(out)).toEqual(['mine']);
  });

  it('refuses a plan with nothing in it', async () => {
    const { exitCode, stderr } = await compile('none', '--db', 'absent');
    expect([exitCode, stderr]).toEqual([expect.any(Number), expect.stringContaining('absent')]);
    expect(exitCode).toBeGreaterThan(0);
    expect(await readdir(folder)).not.toContain('none');
  });

  it('leaves the own database of InfluxDB out, says so, and ends with 3', async () => {
    const { exitCode, stderr, stdout } = await compile('reserved', '--map-db', 'db=_internal', '--dry-run');
    expect(`${stdout}${stderr}`).toContain('InfluxDB keeps _internal for itself');
    expect(exitCode).toBeGreaterThan(0);
  });
});
