import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink } from '@ceres/backup-sink';
import { systemClock } from '@ceres/internal';
import { S3Storage } from '@ceres/storage-s3';
import { FakeS3, influxdAvailable, type S3Fault, type S3Keys, s3Policies, startInfluxd } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const databases = ['db_0', 'db_1'];
const lines = 300;

/** What goes wrong in a year, each of it once. */
const faults: readonly S3Fault[] = [
  { kind: 'status', status: 500, code: 'InternalError' },
  { kind: 'status', status: 503, code: 'SlowDown' },
  { kind: 'reset' },
  { kind: 'lose-reply' },
];

const renewed: S3Keys = { accessKeyId: 'RENEWED', secretAccessKey: 'renewed' };

/** Starts a bucket whose policy demands conditional writes, with a writer that may create and nothing else. */
async function startBucket(): Promise<FakeS3> {
  const fake = await FakeS3.start({ policy: s3Policies.writer });
  fake.setBucketPolicy(s3Policies.createOnly);
  onTestFinished(() => fake.close());
  return fake;
}

/** Backs up a few files of each database through the writer, with `between` called between two writes. */
async function backUp(fake: FakeS3, keys: () => S3Keys, between: (round: number) => void = () => undefined) {
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-s3-'));
  onTestFinished(() => rm(spoolDir, { recursive: true }));
  const storage = new S3Storage({
    bucket: 'test-bucket',
    prefix: 'eu',
    endpoint: fake.url,
    credentials: async () => keys(),
  });
  const clock = { now: Date.now, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal) };
  const policies = () => ({ duration: '0s', replication: 1, isDefault: true });
  const sink = await BackupSink.open({ storage, spoolDir, precision: 's', clock, policies });
  for (let round = 0; round < 4; round += 1) {
    between(round);
    for (const database of databases) {
      const text = Array.from({ length: lines }, (_, i) => `m,r=${round} v=${i} ${1_700_000_000 + i}\n`).join('');
      await sink.write({ instance, database }, { lines: text, precision: 's' });
    }
    await sink.flush();
  }
  expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  expect((await readdir(spoolDir, { recursive: true })).filter((name) => /\.(lp|gz)/.test(name))).toEqual([]);
}

describe('a whole backup on S3', () => {
  it('sends one PUT for each file, and nothing else, with an account that may do nothing else', async () => {
    const fake = await startBucket();
    await backUp(fake, () => fake.keys);
    expect(fake.log.map(({ method, status }) => `${method} ${status}`)).toEqual(fake.log.map(() => 'PutObject 200'));
    expect(fake.log.map(({ object }) => object).sort()).toEqual([...fake.bucket().names()].sort());
    expect(
      fake
        .bucket()
        .names()
        .filter((name) => name.startsWith('eu/influxdb-0/')),
    ).toHaveLength(8);
  });
});

describe.skipIf(!(await influxdAvailable()))('a whole backup on S3', () => {
  it('is listed, checked, restored and verified in spite of faults of every kind and credentials that expire in mid-run', async () => {
    const fake = await startBucket();
    let keys = fake.keys;
    fake.addUser(renewed, s3Policies.writer);
    await backUp(
      fake,
      () => keys,
      (round) => {
        for (const fault of faults) fake.inject(fault);
        if (round === 2) {
          fake.expire(keys);
          setTimeout(() => {
            keys = renewed;
          }, 300);
        }
      },
    );
    expect(fake.log.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
    expectOneBodyOfEach(fake);

    const server = await startInfluxd();
    const folder = await mkdtemp(join(tmpdir(), 'ceres-s3-restore-'));
    onTestFinished(async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    });
    fake.grant(s3Policies.reader, renewed);
    vi.stubEnv('AWS_ACCESS_KEY_ID', renewed.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', renewed.secretAccessKey);
    vi.spyOn(Math, 'random').mockReturnValue(0); // the pauses between attempts
    onTestFinished(() => {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    });
    const url = `s3://test-bucket/eu?endpoint=${fake.url}`;
    const source = [url, '--instance', instance];
    const inSpite = async (...argv: string[]) => {
      fake.clearLog();
      for (const fault of faults.slice(0, 3)) {
        fake.inject({ ...fault, on: 'ListObjectsV2' });
        fake.inject({ ...fault, on: 'GetObject' });
      }
      const outcome = await ceres(argv);
      fake.clearFaults();
      expect(fake.log.filter(({ method }) => method !== 'ListObjectsV2' && method !== 'GetObject')).toEqual([]);
      expect(fake.log.map(({ status }) => status)).toEqual(expect.arrayContaining([500, 503, undefined]));
      expect(outcome).toMatchObject({ exitCode: 0 });
      return outcome.stdout;
    };
    expect(await inSpite('ls', url)).toContain(instance);
    await inSpite('check', ...source);
    const own = ['--journal-file', join(folder, 'journal'), '--rejects-dir', join(folder, 'rejects')];
    await inSpite('restore', ...source, '--to', server.url, ...own);
    expect(await inSpite('verify', ...source, '--to', server.url)).toContain('EQUAL');
  });
});

/** Expects that whatever was sent of an object was the same, and that it is what is stored. */
function expectOneBodyOfEach(fake: FakeS3): void {
  const bodies = new Map<string, Set<string>>();
  for (const { method, object, sha256 } of fake.log) {
    expect(method).toBe('PutObject');
    if (sha256 !== undefined) bodies.set(object, (bodies.get(object) ?? new Set()).add(sha256));
  }
  expect([...bodies].filter(([, { size }]) => size !== 1)).toEqual([]);
  // A heartbeat that could not be stored in time is given up: the next one says the same, and more.
  const files = [...bodies.keys()].filter((name) => !name.startsWith('eu/~heartbeat/'));
  expect(files.filter((name) => fake.bucket().get(name) === undefined)).toEqual([]);
  expect(files).toHaveLength(8);
  for (const name of fake.bucket().names()) expect(fake.bucket().get(name)?.generation).toBe(1);
}
