import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceres, type Surroundings } from '../support/in-process';

/** Two hours with points, three hours apart. */
const startMs = Math.floor(Date.now() / 3_600_000 - 6) * 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
const pointsFrom = (ms: number) =>
  Array.from({ length: 60 }, (_, i) => ({
    measurement: i % 2 === 0 ? 'cpu' : 'mem',
    tags: {},
    fields: { v: i },
    timestamp: BigInt(ms / 1000 + i * 60),
  }));

const admin = { INFLUX_USERNAME: 'admin', INFLUX_PASSWORD: 's3cret' };

describe.skipIf(!(await influxdAvailable()))('a server that asks for a password', () => {
  let folder: string;
  let server: Influxd;
  const source = (command: string, ...more: string[]) => [
    ...[command, join(folder, 'backup'), '--to', server.url],
    ...(command === 'restore' ? ['--rp', 'rp=INF', '--journal-file', join(folder, `journal-${randomUUID()}`)] : []),
    ...more,
  ];
  const as = (env: NonNullable<Surroundings['env']>, argv: readonly string[]) => ceres(argv, undefined, { env });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-asking-'));
    server = await startInfluxd({ settings: { http: { 'auth-enabled': true, 'shared-secret': 'shared' } } });
    await query(server.url, '', "CREATE USER admin WITH PASSWORD 's3cret' WITH ALL PRIVILEGES");
    const url = server.url.replace('://', '://admin:s3cret@');
    await query(url, '', "CREATE USER guest WITH PASSWORD 'guest'");
    const storage = new LocalStorage(join(folder, 'backup'));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp' };
    await sink.write(to, [...pointsFrom(startMs), ...pointsFrom(startMs + 4 * 3_600_000)]);
    await sink.close();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['verify', 'restore'])(
    'names INFLUX_USERNAME and INFLUX_TOKEN, and what %s was given of them',
    async (command) => {
      const refusals: readonly (readonly [NonNullable<Surroundings['env']>, RegExp])[] = [
        [{}, /^It was asked without credentials, because neither INFLUX_USERNAME nor INFLUX_TOKEN is set\.$/m],
        [{ INFLUX_USERNAME: '', INFLUX_TOKEN: '' }, /neither INFLUX_USERNAME nor INFLUX_TOKEN is set/],
        [{ INFLUX_USERNAME: 'admin', INFLUX_PASSWORD: 'wr0ng' }, /^It refused the user 'admin' of INFLUX_USERNAME/m],
        [{ INFLUX_TOKEN: 'wr0ng' }, /^It refused INFLUX_TOKEN\.$/m],
        [{ INFLUX_USERNAME: 'guest', INFLUX_PASSWORD: 'guest' }, /^It refused the user 'guest' of INFLUX_USERNAME/m],
      ];
      for (const [env, reason] of refusals) {
        const { exitCode, stdout, stderr } = await as(env, source(command));
        expect(stderr).toMatch(/\(INFLUX_USERNAME and INFLUX_PASSWORD, or INFLUX_TOKEN\).*SERVER_DENIED/);
        expect(stderr).toMatch(reason);
        expect(stdout + stderr).not.toContain('wr0ng');
        expect(exitCode).toBe(1);
      }
    },
  );

  it.each([
    [{ INFLUX_USERNAME: 'admin' }, 'INFLUX_USERNAME and INFLUX_PASSWORD together, got only INFLUX_USERNAME.'],
    [{ INFLUX_PASSWORD: 's3cret' }, 'together, got only INFLUX_PASSWORD.'],
    [{ ...admin, INFLUX_TOKEN: 't' }, 'or INFLUX_TOKEN, got all three.'],
    [{ INFLUX_TOKEN: 's3cret\n' }, 'Expected INFLUX_TOKEN to hold visible ASCII'],
  ])('says in words of the environment what is wrong with %j, and asks no server', async (env, reason) => {
    const { exitCode, stderr } = await as(env, source('verify'));
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('s3cret');
    expect(exitCode).toBe(2);
  });

  it('says in a dry run how many lines it would send, of which times in UTC and here, and how long it takes', async () => {
    const { exitCode, stdout } = await as(admin, source('restore', '--dry-run'));
    const [first, last] = [iso(startMs), iso(startMs + (4 * 60 + 59) * 60_000)];
    expect(stdout).toMatch(/^would send: 120 lines$/m);
    expect(stdout).toContain(`  points from ${first} to ${last}\n`);
    expect(stdout).toMatch(/^ {2}local time {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d to /m);
    expect(stdout).toMatch(/^would take: about 0:00, at 100,000 lines\/s$/m);
    expect(exitCode).toBe(0);

    const from = iso(startMs + 30 * 60_000);
    const part = await as(
      admin,
      source('restore', '--dry-run', '--from', from, '--until', iso(startMs + 7_200_000), '--rate', '1'),
    );
    expect(part.stdout).toMatch(/^would send: up to 120 lines\n {2}points from (\S+) to/m);
    expect(part.stdout).toContain(`points from ${from} to ${iso(startMs + 7_200_000)}`);
    expect(part.stdout).toMatch(/^would take: up to about 2:00, at 1 lines\/s$/m);

    const json = await as(admin, source('restore', '--dry-run', '--json'));
    const preview = JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '');
    const first64 = String(BigInt(startMs) * 1_000_000n);
    expect(preview).toMatchObject({ event: 'preview', estimate: { lines: 120, filesUnknown: 0, first: first64 } });
  });

  it('restores and verifies what a filter selects, and never calls EQUAL what selects nothing', async () => {
    const hole = ['--from', iso(startMs + 2 * 3_600_000), '--until', iso(startMs + 3 * 3_600_000)];
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [source('restore', ...hole), /'influxdb-0' hold no point that is selected, so nothing was restored.*NO_FILES/],
      [source('verify', ...hole), /Nothing was compared: neither the backup nor the database.*NO_FILES/],
      [
        source('restore', '--measurement', 'cpus'),
        /'cpus' is in the selected files.*There are 'cpu', 'mem'\. Did you mean 'cpu'/,
      ],
      [
        source('verify', '--measurement', 'cpu', '--measurement', 'memo'),
        /'memo' is in the selected files.*Did you mean 'mem'/,
      ],
    ];
    for (const [argv, reason] of refusals) {
      const { exitCode, stderr } = await as(admin, argv);
      expect(stderr).toMatch(reason);
      expect(exitCode).toBe(1);
    }
    expect(await as(admin, source('restore', '--measurement', 'cpu'))).toMatchObject({ exitCode: 0 });
    expect(await as(admin, source('verify', '--measurement', 'cpu'))).toMatchObject({ exitCode: 0 });
    expect(await as(admin, source('verify'))).toMatchObject({ exitCode: 4 });
  });
});
