import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage, readPolicies } from '@ceres/backup-sink';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ceres, type Outcome } from '../support/in-process';

const instance = 'influxdb-0';
const database = 'db_0';

describe.skipIf(!(await influxdAvailable()))('a backup of points that were written without naming their policy', () => {
  let folder: string;
  let server: Influxd;
  let restores = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-default-policy-'));
    server = await startInfluxd();
    await query(server.url, '', `CREATE DATABASE ${database}`);
    const rest = 'DURATION 2w REPLICATION 1 SHARD DURATION 12h DEFAULT';
    await query(server.url, '', `CREATE RETENTION POLICY two_weeks ON ${database} ${rest}`);
    const sink = await BackupSink.open({
      storage: new LocalStorage(join(folder, 'backup')),
      spoolDir: join(folder, 'spool'),
      precision: 's',
      policies: await readPolicies({ url: server.url }, [database]),
    });
    const timestamp = BigInt(Math.floor(Date.now() / 1000)) - 60n;
    const points = [1n, 2n, 3n].map((i) => ({ measurement: 'm', fields: { v: i }, timestamp: timestamp + i }));
    await sink.write({ instance, database }, points);
    expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await query(server.url, '', `DROP DATABASE ${database}`); // the disaster
    restores += 1;
  });

  const command = async (name: string, ...more: string[]): Promise<Outcome> =>
    await ceres([name, `file://${folder}/backup`, '--instance', instance, '--to', server.url, ...more]);
  const restore = async (...more: string[]): Promise<Outcome> =>
    await command(
      'restore',
      ...['--journal-file', join(folder, `journal-${restores}`), '--rejects-dir', join(folder, 'rejects'), ...more],
    );
  /** Returns the policies by name, with duration, shard duration and whether it is the default. */
  const policies = async (): Promise<Record<string, unknown>> => {
    const [series] = await query(server.url, database, 'SHOW RETENTION POLICIES');
    const columns = series?.columns ?? [];
    return Object.fromEntries(
      (series?.values ?? []).map((row) => {
        const cell = (column: string) => row[columns.indexOf(column)];
        return [cell('name'), [cell('duration'), cell('shardGroupDuration'), cell('default')]];
      }),
    );
  };
  const countIn = async (policy: string): Promise<unknown> =>
    (await query(server.url, database, `SELECT COUNT(v) FROM ${policy}.m`))[0]?.values[0]?.[1];

  it('is restored under the own name of that policy, as a dry run says before', async () => {
    const dry = await restore('--dry-run');
    const create = `would run: CREATE DATABASE "${database}" WITH DURATION 336h0m0s REPLICATION 1 SHARD DURATION 12h0m0s NAME "two_weeks"`;
    expect(dry.stdout.split('\n')).toContain(create);
    expect(dry.stderr).toBe('');

    expect(await restore()).toMatchObject({ exitCode: 0 });
    expect(await policies()).toEqual({ two_weeks: ['336h0m0s', '12h0m0s', true] });
    expect(await countIn('two_weeks')).toBe(3);
    const verified = await command('verify');
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('EQUAL') });
  });

  it('keeps that policy longer if --rp names it', async () => {
    expect(await restore('--rp', 'two_weeks=30d')).toMatchObject({ exitCode: 0 });
    expect(await policies()).toEqual({ two_weeks: ['720h0m0s', '12h0m0s', true] });
  });

  it('goes into that policy of a database that exists, which stays as it is, with a warning if it is not the default there', async () => {
    await query(server.url, '', `CREATE DATABASE ${database}`);
    await query(server.url, '', `CREATE RETENTION POLICY two_weeks ON ${database} DURATION 2w REPLICATION 1`);
    const before = await policies();
    const warning =
      'The default policy of db_0 was two_weeks when it was backed up, and is autogen on this server: its points go to two_weeks.';
    expect((await restore('--dry-run')).stderr).toContain(warning);
    const { exitCode, stderr } = await restore();
    expect(stderr.split(warning)).toHaveLength(2);
    expect(exitCode).toBe(0);
    expect(await policies()).toEqual(before);
    expect([await countIn('autogen'), await countIn('two_weeks')]).toEqual([undefined, 3]);
  });

  it('goes into the default policy of the server if --map-rp says so', async () => {
    await query(server.url, '', `CREATE DATABASE ${database}`);
    expect(await restore('--map-rp', 'two_weeks=autogen')).toMatchObject({ exitCode: 0 });
    expect(await countIn('autogen')).toBe(3);
  });

  it('goes into a policy that --map-rp =NAME names, if the backup does not say which policy that was', async () => {
    const other = join(folder, 'without-names');
    const sink = await BackupSink.open({
      storage: new LocalStorage(other),
      spoolDir: join(folder, 'spool-2'),
      precision: 's',
    });
    const timestamp = BigInt(Math.floor(Date.now() / 1000)) - 60n;
    await sink.write({ instance, database }, [{ measurement: 'm', fields: { v: 1n }, timestamp }]);
    await sink.close();
    const source = [`file://${other}`, '--instance', instance, '--to', server.url, '--map-rp', '=30d'];
    const own = ['--journal-file', join(folder, 'journal-map'), '--rejects-dir', join(folder, 'rejects')];
    expect(await ceres(['restore', ...source, ...own, '--rp', '30d=30d'])).toMatchObject({ exitCode: 0 });
    expect([await countIn('autogen'), await countIn('"30d"')]).toEqual([undefined, 1]);
    expect(await ceres(['verify', ...source])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('EQUAL') });
  });
});
