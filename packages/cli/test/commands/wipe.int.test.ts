import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const firstS = 1_700_000_000;
const points = Array.from({ length: 500 }, (_, i) => ({
  measurement: 'm',
  tags: {},
  fields: { v: i },
  timestamp: BigInt(firstS + i),
}));

describe.skipIf(!(await influxdAvailable()))('ceres restore --wipe', () => {
  let folder: string;
  let server: Influxd;
  let journals = 0;
  const wipe = (...more: string[]) => [
    ...['restore', `file://${folder}/backup`, '--instance', instance, '--to', server.url, '--wipe', '--db', 'db_0'],
    ...['--journal-file', join(folder, `${journals}.journal`), '--rejects-dir', join(folder, 'rejects'), ...more],
  ];
  const count = async (database: string) =>
    (await query(server.url, database, 'SELECT COUNT(v) FROM m'))[0]?.values[0]?.[1];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-wipe-'));
    server = await startInfluxd();
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    for (const database of ['db_0', 'db_1']) {
      await sink.write({ instance, database }, points.slice(250));
      await sink.flush();
      await sink.write({ instance, database }, points.slice(0, 250));
    }
    await sink.close();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    journals += 1;
    for (const database of ['db_0', 'db_1']) {
      await query(server.url, '', `DROP DATABASE ${database}`);
      await query(server.url, '', `CREATE DATABASE ${database}`);
      await writeRaw(server.url, database, `m v=1 ${firstS + 7}\nm v=2 ${firstS + 499}\nm v=3 ${firstS + 500}`, {
        precision: 's',
      });
    }
  });

  it('shows how many points it drops and warns of newer ones, and takes only the typed host as a yes', async () => {
    const { host } = new URL(server.url);
    const refused = await ceres(wipe(), undefined, { answer: 'yes' });
    expect(refused.stderr).toContain(`--wipe drops from ${host}:\n  `);
    expect(refused.stderr).toMatch(/^ {2}\d shards? of db_0\.autogen with 3 points$/m);
    expect(refused.stderr).toContain(
      'The server is newer than the backup: it holds 1 point of db_0.autogen after 2023-11-14T22:21:39Z.',
    );
    expect(refused.stderr).toContain('Nothing was touched.');
    expect(refused.exitCode).toBe(1);
    expect(await count('db_0')).toBe(3);
  });

  it('drops and restores only the selected databases, and warns also where it does not ask', async () => {
    const { exitCode, stdout, stderr } = await ceres(wipe('--yes'));
    expect(stderr).toContain('The server is newer than the backup');
    expect(stdout).toContain('Restored 500 lines of 2 files in ');
    expect(exitCode).toBe(0);
    expect([await count('db_0'), await count('db_1')]).toEqual([500, 3]);
  });

  it('is not asked again when it resumes, and says what is done already and when it began', async () => {
    await ceres(wipe('--yes'));
    // As if it was killed after the first file.
    const journal = join(folder, `${journals}.journal`);
    const lines = (await readFile(journal, 'utf8')).split('\n');
    await writeFile(journal, `${lines.slice(0, lines.findIndex((line) => line.includes('"done"')) + 1).join('\n')}\n`);
    const again = await ceres(wipe('--dry-run'));
    expect(again.stdout).toMatch(/^would resume .* 250 lines of 1 file are done\.$/m);
    const events = (await ceres(wipe('--dry-run', '--json'))).stdout.split('\n').filter(Boolean);
    expect(events.map((event) => JSON.parse(event))).toContainEqual(
      expect.objectContaining({ event: 'resume', journalFile: journal, files: 1, lines: 250, hasWipe: true }),
    );
    const resumed = await ceres(wipe());
    expect(resumed.stderr).not.toContain('There is no terminal to ask on');
    expect(resumed.stdout).toMatch(
      /^Resumes the restore of \S+\.journal, begun \d{4}-\d\d-\d\d \d\d:\d\d UTC: 250 lines of 1 file are done\.$/m,
    );
    expect(resumed.stdout).toMatch(/^Restored 500 lines of 2 files; this run took /m);
    expect(resumed.exitCode).toBe(0);
    expect([await count('db_0'), await count('db_1')]).toEqual([500, 3]);
  });
});
