import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileCeres } from '../support/compiled';
import { ceres } from '../support/in-process';
import { withoutReader } from '../support/without-reader';

const instance = 'influxdb-0.influxdb';
/** The end of a whole minute: verify names differences by the minute, and every minute here holds every host. */
const nowS = BigInt(Math.floor(Date.now() / 60_000) * 60 - 1);
const points = Array.from({ length: 500 }, (_, i) => ({
  measurement: 'cpu',
  tags: { host: `h${i % 5}` },
  fields: { usage: i / 3 },
  timestamp: nowS - BigInt(i),
}));

describe.skipIf(!(await influxdAvailable()))('ceres, on a backup and a real InfluxDB', () => {
  let folder: string;
  let server: Influxd;
  let files: string[];
  const url = () => `file://${folder}/backup`;
  const source = () => [url(), '--instance', instance];
  const restore = (...more: string[]) => [
    ...['restore', ...source(), '--to', server.url, '--journal-file', join(folder, 'journal')],
    ...['--rejects-dir', join(folder, 'rejects'), '--rp', 'rp_5d=5d', ...more],
  ];

  beforeAll(async () => {
    server = await startInfluxd();
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-commands-'));
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    for (const database of ['db_0', 'db_1']) await sink.write({ instance, database, retentionPolicy: 'rp_5d' }, points);
    await sink.close();
    const names = await readdir(join(folder, 'backup'), { recursive: true });
    files = names
      .filter((name) => name.endsWith('.gz'))
      .sort()
      .map((name) => join(folder, 'backup', name));
    for (const database of ['db_0', 'db_1']) await query(server.url, '', `DROP DATABASE "${database}"`);
    return () => rm(folder, { recursive: true, force: true });
  });

  async function damage(path: string): Promise<void> {
    const bytes = await readFile(path);
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
    await writeFile(path, bytes);
  }

  it('lists, checks, restores and verifies, each with exit code 0', async () => {
    const listing = await ceres(['ls', url()]);
    expect(listing.stdout).toMatch(/^db_1 +rp_5d/m);
    expect(await ceres(['check', ...source()])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^WHOLE {2}\(files, 1,000 records\)\nNext, to .*:\n {2}ceres restore .* --dry-run\n$/,
      ),
    });

    const restored = await ceres(restore());
    expect(restored.stderr).toBe('');
    expect(restored.exitCode).toBe(0);
    expect(restored.stdout).toContain('Restored 1,000 lines of 2 files');

    const verified = await ceres(['verify', ...source(), '--to', server.url]);
    expect(verified.stdout).toContain('EQUAL  (counts, 1,000 points)');
    expect(verified.exitCode).toBe(0);
  });

  it('restores nothing in a dry run, and says only what it would do: create databases and policies', async () => {
    const { exitCode, stdout, stderr } = await ceres(restore('--dry-run'));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/2 files.*\n.*\ndb_0/);
    expect(stdout).toMatch(/^would run: CREATE DATABASE "db_0"$/m);
    expect(stdout).toMatch(/^would run: CREATE RETENTION POLICY "rp_5d" ON "db_1" .*5d/m);
    expect(stdout).not.toContain('would not send');
    expect(stdout).toMatch(/a dry run proves none, `ceres check` does$/m);
    expect(stderr).toBe('');
    expect(JSON.stringify(await query(server.url, '', 'SHOW DATABASES'))).not.toContain('db_0');
    expect(await readdir(folder)).not.toContain('journal');
  });

  it('says in a dry run what --wipe would drop, also if a restore has finished before', async () => {
    await ceres(restore());
    const { stdout } = await ceres(restore('--wipe', '--dry-run', '--journal-file', join(folder, 'another')));
    expect(stdout).toMatch(/^would drop: [1-9]\d* shards? of db_0\.rp_5d with 500 points$/m);
    expect((await ceres(restore('--wipe', '--dry-run'))).stdout).toMatch(/^would drop: /m);
    expect((await ceres(restore('--dry-run'))).stdout).toMatch(/would do nothing: .* has finished/);
    expect(JSON.stringify(await query(server.url, 'db_0', 'SELECT COUNT(usage) FROM rp_5d.cpu'))).toContain('500');
  });

  it('ends verify with 4, naming database and measurement, once points are missing', async () => {
    await ceres(restore());
    await query(server.url, 'db_1', `DELETE FROM "cpu" WHERE "host" = 'h3'`);
    const { exitCode, stdout } = await ceres(['verify', ...source(), '--to', server.url]);
    expect(stdout).toMatch(/^db_1 +rp_5d +100 +\S+ \S+ to \S+ .*cpu$/m);
    expect(stdout).toContain('NOT EQUAL');
    expect(exitCode).toBe(4);
  });

  it('names the values that differ if --points asks for them', async () => {
    await ceres(restore());
    await query(server.url, 'db_1', `DELETE FROM "cpu" WHERE time = ${nowS - 7n}s`);
    const verdict = [
      'verify',
      ...source(),
      '--to',
      server.url,
      '--level',
      'content',
      '--points',
      '5',
      '--scratch-dir',
      folder,
    ];
    const { exitCode, stdout } = await ceres(verdict);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/db_1 +rp_5d +cpu,host=h2 +\S+Z +usage +2\.33\d+ +\(missing\)/);
    const { stdout: json } = await ceres([...verdict, '--json']);
    expect(JSON.parse(json)).toMatchObject({ differingPoints: [{ tags: { host: 'h2' }, field: 'usage' }] });
  });

  it('names a damaged file: check ends with 4, and restore restores the others and ends with 3', async () => {
    const [damaged = ''] = files;
    await damage(damaged);
    const key = damaged.slice(join(folder, 'backup').length + 1);
    const checked = await ceres(['check', ...source()]);
    expect(checked.stdout).toContain(key);
    expect(checked.exitCode).toBe(4);

    const restored = await ceres(restore());
    expect(restored.stdout).toMatch(/^Set aside as a whole: [a-z-]+: .*\(500 lines from .* at risk, written by .*\)$/m);
    expect(restored.stdout).toContain(key);
    expect(restored.exitCode).toBe(3);
    expect(await query(server.url, 'db_0', 'SHOW MEASUREMENTS')).toEqual([]);
    expect(JSON.stringify(await query(server.url, 'db_1', 'SELECT COUNT(usage) FROM rp_5d.cpu'))).toContain('500');
  });

  it('calls a comparison incomplete that could not read a file, and ends verify with 4', async () => {
    const [unreadable = ''] = files;
    await writeFile(unreadable, 'no gzip');
    await ceres(restore());
    const { exitCode, stdout } = await ceres(['verify', ...source(), '--to', server.url]);
    expect(stdout).toMatch(/^not compared: database db_\d, policy rp_5d: no-header: influxdb-0\S+\.gz: .*not gzip/m);
    expect(stdout).toMatch(/^INCOMPLETE {2}\(counts, 500 points; 1 part not compared\)$/m);
    expect(exitCode).toBe(4);
    const { stdout: json } = await ceres(['verify', ...source(), '--to', server.url, '--json']);
    expect(JSON.parse(json)).toMatchObject({
      outcome: 'INCOMPLETE',
      equal: false,
      notCompared: [{ database: 'db_0' }],
    });
  });

  it('restores to the end, with its own exit code, if no one reads its output', async () => {
    const [damaged = ''] = files;
    await damage(damaged);
    const { exitCode, stderr } = await withoutReader(await compileCeres(join(folder, 'compiled')), restore('--json'));
    expect(stderr).toBe('');
    expect(exitCode).toBe(3);
    expect(JSON.stringify(await query(server.url, 'db_1', 'SELECT COUNT(usage) FROM rp_5d.cpu'))).toContain('500');
  });

  it('refuses a server that already holds points', async () => {
    await ceres(restore());
    const again = await ceres([...restore().slice(0, -2), '--journal-file', join(folder, 'journal-2')]);
    expect(again.stderr).toContain('SERVER_NOT_EMPTY');
    expect(again.exitCode).toBe(1);
  });

  it('does nothing when a finished restore is given again, and says how to write the same points twice', async () => {
    await ceres(restore());
    const again = await ceres(restore());
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(again.stdout).toMatch(/^Nothing was done: this restore has already finished.* add --into-existing\.$/m);
    const twice = await ceres(restore('--into-existing'));
    expect(twice.stdout).toMatch(/^Restored 1,000 lines of 2 files in /m);
    expect((await ceres(['verify', ...source(), '--to', server.url, '--level', 'content'])).exitCode).toBe(0);
  });

  it('says which server does not answer, and writes no line', async () => {
    const argv = restore('--patience', '1s').map((word) => (word === server.url ? 'http://127.0.0.1:9' : word));
    const { exitCode, stderr } = await ceres(argv);
    expect(stderr).toMatch(/127\.0\.0\.1:9.*SERVER_UNREACHABLE/s);
    expect(exitCode).toBe(1);
  });

  it('ends with 130 when it is interrupted, and prints the command that resumes', async () => {
    const interruption = new AbortController();
    const running = ceres(restore('--rate', '100'), interruption.signal);
    setTimeout(() => interruption.abort(new Error('SIGINT')), 1000);
    const { exitCode, stderr } = await running;
    expect(stderr).toContain(`ceres restore ${url()} --instance ${instance}`);
    expect(exitCode).toBe(130);

    expect(await ceres(restore())).toMatchObject({ exitCode: 0 });
    expect((await ceres(['verify', ...source(), '--to', server.url])).exitCode).toBe(0);
  });

  it('prints the lines of a backup in replay order', async () => {
    const { exitCode, stdout } = await ceres(['cat', ...source(), '--db', 'db_0']);
    const lines = stdout.trimEnd().split('\n');
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(500);
    expect(lines[0]).toBe(`cpu,host=h0 usage=0 ${nowS}`);
  });

  it('prints the lines of the other files if one is not gzip, and ends with 4', async () => {
    const [first = ''] = files;
    await writeFile(first, 'no gzip');
    const { exitCode, stdout, stderr } = await ceres(['cat', ...source()]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(500);
    expect(stderr).toContain('not gzip');
    expect(exitCode).toBe(4);
  });
});
