import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ceres, type Surroundings } from '../support/in-process';

let folder: string;
let one: string;
let two: string;
let madeMs: number;
const nowS = BigInt(Math.floor(Date.now() / 1000));

async function back(up: string, ...instances: string[]): Promise<void> {
  const sink = await BackupSink.open({ storage: new LocalStorage(up), spoolDir: `${up}-spool`, precision: 's' });
  for (const instance of instances) {
    const point = { measurement: 'cpu', tags: {}, fields: { v: 1 }, timestamp: nowS - 3600n };
    await sink.write({ instance, database: 'db_0', retentionPolicy: 'rp' }, [point]);
  }
  await sink.close();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-environment-'));
  [one, two] = [join(folder, 'one'), join(folder, 'two')];
  await back(one, 'influxdb-0');
  await back(two, 'influxdb-0', 'influxdb-1');
  madeMs = Date.now();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inEnv = (argv: readonly string[], env: Surroundings['env'] = {}) => ceres(argv, undefined, { env });
const nowhere = ['--to', 'http://127.0.0.1:9', '--patience', '1s'];

/** Each command that reads a backup, with what shows that it found it. */
const commands: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['ls', [], /^influxdb-0$/m],
  ['status', [], /^influxdb-0: good$/m],
  ['cat', [], /^cpu v=1 \d+$/m],
  ['check', [], /^WHOLE/m],
  ['restore', nowhere, /^influxdb-0 →|127\.0\.0\.1:9.*SERVER_UNREACHABLE/m],
  ['verify', nowhere.slice(0, 2), /127\.0\.0\.1:9.*SERVER_UNREACHABLE/],
];

describe.each(commands)('%s', (name, options, found) => {
  it('takes the backup from CERES_STORAGE, and needs no --instance if the backup has one', async () => {
    const { stdout, stderr } = await inEnv([name, ...options], { CERES_STORAGE: one });
    expect(stdout + stderr).toMatch(found);
  });

  it('takes the backup and the instance from its words first', async () => {
    const env = { CERES_STORAGE: join(folder, 'not there'), CERES_INSTANCE: 'influxdb-9' };
    const { stdout, stderr } = await inEnv([name, two, '--instance', 'influxdb-0', ...options], env);
    expect(stdout + stderr).toMatch(found);
  });

  it('takes the instance from CERES_INSTANCE', async () => {
    const env = { CERES_STORAGE: two, CERES_INSTANCE: 'influxdb-0' };
    const { stdout, stderr } = await inEnv([name, ...options], env);
    expect(stdout + stderr).toMatch(found);
    expect(stdout).not.toContain('influxdb-1');
  });

  it('lists the instances that there are if CERES_INSTANCE names another', async () => {
    const { exitCode, stdout, stderr } = await inEnv([name, two, ...options], { CERES_INSTANCE: 'influxdb-2' });
    expect(stderr).toMatch(/'influxdb-2'\. There are 'influxdb-0', 'influxdb-1'\. Did you mean 'influxdb-[01]'\?/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });
});

it.each(commands.slice(2))(
  '%s asks for --instance if the backup has several, and lists them',
  async (name, options) => {
    const { exitCode, stdout, stderr } = await inEnv([name, two, ...options]);
    expect(stderr).toContain(
      "The backup has several instances: 'influxdb-0', 'influxdb-1'. Choose one with --instance",
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  },
);

it('says what is wrong with CERES_STORAGE', async () => {
  const { exitCode, stderr } = await inEnv(['ls'], { CERES_STORAGE: 'gs://b#c' });
  expect(stderr).toContain("CERES_STORAGE is 'gs://b#c'. Expected a folder, or a URL");
  expect(exitCode).toBe(2);
});

it('takes a time before now, and means the same time in the command that it prints', async () => {
  // Such times are whole seconds, rounded down: the backup must be older than the second that runs.
  await vi.waitFor(() => expect(Math.floor(Date.now() / 1_000)).toBeGreaterThan(Math.floor(madeMs / 1_000)), 5_000);
  const { exitCode, stdout } = await inEnv(['check', one, '--opened-from', '-2h', '--opened-before=-0s']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/--opened-from \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ --opened-before=\d{4}-/);
  const { stderr } = await inEnv(['check', one, '--opened-before', '-1h30m']);
  expect(stderr).toContain('The filters select no file');
});

it('does not take a time for one that is not before now', async () => {
  for (const time of ['-2x', '-', '2h']) {
    const { exitCode, stderr } = await inEnv(['check', one, '--opened-from', time]);
    expect(stderr).toContain('or one before now, such as -2h.');
    expect(exitCode).toBe(2);
  }
});
