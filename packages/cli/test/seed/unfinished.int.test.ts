import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatSchema } from '@ceres/influx-http/internal';
import { LocalStorage } from '@ceres/storage';
import { encodeSeedManifest, schemaKey, seedManifestKey } from '@ceres/storage/internal';
import { type Influxd, influxdAvailable, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { manifestOf, put, putSeedFiles, type TestSeed } from '../../../restore/test/support/seed';
import { ceres } from '../support/in-process';

const takenMs = Date.UTC(2026, 10, 20, 12);
const policy = { duration: 'INF', isDefault: true };
const seed: TestSeed = {
  takenMs,
  files: [{ database: 'db_0', retentionPolicy: 'rp', lines: 'm v=1 1\nm v=2 2\n', header: { policy } }],
};
const users = [{ name: 'grafana', isAdmin: false, grants: [] }];

let folder: string;
let server: Influxd;

beforeAll(async () => {
  if (!(await influxdAvailable())) return;
  folder = await mkdtemp(join(tmpdir(), 'ceres-unfinished-'));
  server = await startInfluxd();
});

afterAll(async () => {
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

it.skipIf(!(await influxdAvailable()))(
  'every command says that a seed is unfinished, until it is finished',
  async () => {
    const storage = new LocalStorage(join(folder, 'backup'));
    await putSeedFiles(storage, seed);
    const run = (command: string, ...more: string[]) =>
      ceres([command, join(folder, 'backup'), '--instance', 'src', ...more]);
    const journal = ['--to', server.url, '--journal-file', join(folder, 'j'), '--rejects-dir', join(folder, 'rejects')];
    const sentence = 'seed unfinished: db_0.rp of src; 1 file of it is left out.';

    const status = await run('status');
    expect([status.exitCode, status.stdout]).toEqual([4, expect.stringContaining(sentence)]);
    const check = await run('check');
    expect([check.exitCode, check.stdout]).toEqual([4, expect.stringContaining(sentence)]);
    const listed = await run('ls');
    expect([listed.exitCode, listed.stderr]).toEqual([0, expect.stringContaining(sentence)]);
    expect(listed.stdout).toContain('1 file of a seed of db_0.rp');
    expect(listed.stdout).not.toContain('2000-01-01');
    const restored = await run('restore', ...journal);
    expect([restored.exitCode, restored.stderr]).toEqual([3, expect.stringContaining(sentence)]);
    const compiled = await run('compile', '--out', join(folder, 'out'), '--rejects-dir', join(folder, 'rejects'));
    expect([compiled.exitCode, compiled.stderr]).toEqual([3, expect.stringContaining(sentence)]);
    const verified = await run('verify', '--to', server.url);
    expect([verified.exitCode, verified.stdout]).toEqual([4, expect.stringMatching(/INCOMPLETE/)]);
    expect((await run('cat')).stdout).toBe('');

    const manifest = await manifestOf(seed);
    const schema = { databases: [{ name: 'db_0', policies: [], continuousQueries: [], subscriptions: [] }], users };
    await put(storage, schemaKey('src', manifest.id), gzipSync(formatSchema(schema, { instance: 'src', takenMs })));
    await put(storage, seedManifestKey('src', manifest.id), await encodeSeedManifest(manifest));
    const finished = await run('status');
    expect([finished.exitCode, finished.stdout]).toEqual([
      0,
      expect.stringContaining(
        'seed of db_0.rp, taken 2026-11-20 12:00 UTC from a snapshot service: 1 file, 2 lines, complete from the beginning',
      ),
    ]);
    expect((await run('ls')).stderr).toBe('');
    const again = await run('restore', ...journal, '--with-schema');
    expect([again.exitCode, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toContain('Restored 2 lines of 1 file');
    expect(again.stdout).toContain(`  CREATE USER "grafana" WITH PASSWORD ''`);
    const equal = await run('verify', '--to', server.url, '--level', 'content');
    expect([equal.exitCode, equal.stderr]).toEqual([0, '']);
    expect(equal.stdout).toContain('seed only, as of 2026-11-20 12:00 UTC: database db_0, policy rp');
    const early = await run('restore', ...journal, '--opened-before', '2026-11-20T11:59:59Z');
    expect([early.exitCode, early.stderr]).toEqual([2, expect.stringContaining('is never taken apart')]);
  },
);
