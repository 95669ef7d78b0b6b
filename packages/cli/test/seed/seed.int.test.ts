import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillDatabase } from '../../../seed/test/support/every-type';
import { serverContent } from '../../../seed/test/support/server-content';
import { ceres } from '../support/in-process';

const database = 'db 1';

describe.skipIf(!(await influxdAvailable()))('ceres seed', () => {
  let folder: string;
  let server: Influxd;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-seed-'));
    server = await startInfluxd();
    await fillDatabase(server.url, database);
  });

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (command: string, ...more: string[]) =>
    ceres([command, join(folder, 'backup'), '--instance', 'influxdb-0', ...more]);
  const source = () => ['--source', `tcp://127.0.0.1:${server.rpcPort}`, '--work-dir', join(folder, 'work')];

  it('prints what it would do with --dry-run, and stores nothing', async () => {
    const { exitCode, stdout, stderr } = await run('seed', ...source(), '--influx', server.url, '--dry-run');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/Every block was read and checked: 9,\d{3} points of 17 series in 8 shards\./);
    expect(stdout).toMatch(/needs up to \S+ MiB in the work folder/);
    expect((await run('ls')).exitCode).toBe(1);
  });

  it('brings back everything, also to a server that has lost it', async () => {
    const seeded = await run('seed', ...source(), '--segment-bytes-max', '200000');
    expect([seeded.exitCode, seeded.stderr]).toEqual([0, '']);
    expect(seeded.stdout).toContain('Proven: the storage returned exactly what was read from the source.');
    expect(seeded.stdout).toMatch(/^Next, to compare the server with the backup:\n {2}ceres verify .*--until -1h\n$/m);
    expect(seeded.stdout).toContain('No sink was open then'); // nothing is teed in this test
    const content = await serverContent(server.rpcPort, database);
    await server.destroyData();
    await server.restart();
    const restored = await run(
      'restore',
      '--to',
      server.url,
      '--journal-file',
      join(folder, 'j'),
      '--rejects-dir',
      join(folder, 'rejects'),
    );
    expect([restored.exitCode, restored.stdout]).toEqual([0, expect.anything()]);
    expect(await serverContent(server.rpcPort, database)).toEqual(content);
    expect(await query(server.url, '', `SHOW RETENTION POLICIES ON "${database}"`)).toMatchObject([
      { values: expect.arrayContaining([['long one', '8736h0m0s', '336h0m0s', 1, false]]) },
    ]);
    const verified = await run('verify', '--to', server.url, '--level', 'content');
    expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining('EQUAL')]);
  });

  it('says that it is finished when it is called once more, and refuses to begin another', async () => {
    const again = await run('seed', ...source(), '--segment-bytes-max', '200000');
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('This seed is finished')]);
    const other = await run('seed', ...source(), '--work-dir', join(folder, 'other'));
    expect([other.exitCode, other.stderr]).toEqual([1, expect.stringContaining('ALREADY_SEEDED')]);
  });
});
