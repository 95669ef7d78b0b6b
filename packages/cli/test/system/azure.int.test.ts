import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink } from '@ceres/backup-sink';
import { systemClock } from '@ceres/internal';
import { AzureStorage } from '@ceres/storage-azure';
import { type AzureFault, FakeAzure, influxdAvailable, startInfluxd } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';
const databases = ['db_0', 'db_1'];
const lines = 300;

/** What goes wrong in a year, each of it once. */
const faults: readonly AzureFault[] = [
  { kind: 'status', status: 500, code: 'InternalError' },
  { kind: 'status', status: 503, code: 'ServerBusy' },
  { kind: 'reset' },
  { kind: 'lose-reply' },
];

async function startContainer(): Promise<FakeAzure> {
  const fake = await FakeAzure.start();
  onTestFinished(() => fake.close());
  return fake;
}

/** Backs up a few files of each database with a SAS that may create and nothing else, with `between` called between two writes. */
async function backUp(fake: FakeAzure, sas: () => string, between: (round: number) => void = () => undefined) {
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-azure-'));
  onTestFinished(() => rm(spoolDir, { recursive: true }));
  const { account, url: endpoint } = fake;
  const storage = new AzureStorage({ account, container: 'test-container', prefix: 'eu', endpoint, sas });
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

describe('a whole backup on Azure', () => {
  it('sends one Put Blob for each file, and nothing else, with a SAS that may do nothing else', async () => {
    const fake = await startContainer();
    await backUp(fake, () => fake.sas('c'));
    expect(fake.log.map(({ method, status }) => `${method} ${status}`)).toEqual(fake.log.map(() => 'PutBlob 201'));
    expect(fake.log.map(({ blob }) => blob).sort()).toEqual([...fake.bucket().names()].sort());
    expect(
      fake
        .bucket()
        .names()
        .filter((name) => name.startsWith('eu/influxdb-0/')),
    ).toHaveLength(8);
  });
});

describe.skipIf(!(await influxdAvailable()))('a whole backup on Azure', () => {
  it('is listed, checked, restored and verified in spite of faults of every kind and a SAS that expires in mid-run', async () => {
    const fake = await startContainer();
    const expired = fake.sas('c', new Date(Date.now() - 1000));
    let sas = fake.sas('c');
    await backUp(
      fake,
      () => sas,
      (round) => {
        for (const fault of faults) fake.inject(fault);
        if (round === 2) {
          sas = expired;
          setTimeout(() => {
            sas = fake.sas('c');
          }, 300);
        }
      },
    );
    const isRefused = ({ query }: { readonly query: Readonly<Record<string, string>> }) =>
      Date.parse(query.se ?? '') < Date.now();
    expect(fake.log.filter(isRefused).length).toBeGreaterThan(0);
    expectOneBodyOfEach(fake);

    const server = await startInfluxd();
    const folder = await mkdtemp(join(tmpdir(), 'ceres-azure-restore-'));
    onTestFinished(async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    });
    vi.stubEnv('AZURE_STORAGE_SAS_TOKEN', fake.sas('rl'));
    vi.spyOn(Math, 'random').mockReturnValue(0); // the pauses between attempts
    onTestFinished(() => {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    });
    const url = `azblob://${fake.account}/test-container/eu?endpoint=${fake.url}`;
    const source = [url, '--instance', instance];
    const inSpite = async (...argv: string[]) => {
      fake.clearLog();
      for (const fault of faults.slice(0, 3)) {
        fake.inject({ ...fault, on: 'ListBlobs' });
        fake.inject({ ...fault, on: 'GetBlob' });
      }
      const outcome = await ceres(argv);
      fake.clearFaults();
      expect(fake.log.filter(({ method }) => method !== 'ListBlobs' && method !== 'GetBlob')).toEqual([]);
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

/** Expects that whatever was sent of a blob was the same, and that it is what is stored. */
function expectOneBodyOfEach(fake: FakeAzure): void {
  const bodies = new Map<string, Set<string>>();
  for (const { method, blob, sha256 } of fake.log) {
    expect(method).toBe('PutBlob');
    if (sha256 !== undefined) bodies.set(blob, (bodies.get(blob) ?? new Set()).add(sha256));
  }
  expect([...bodies].filter(([, { size }]) => size !== 1)).toEqual([]);
  // A heartbeat that could not be stored in time is given up: the next one says the same, and more.
  const files = [...bodies.keys()].filter((name) => !name.startsWith('eu/~heartbeat/'));
  expect(files.filter((name) => fake.bucket().get(name) === undefined)).toEqual([]);
  expect(files).toHaveLength(8);
  for (const name of fake.bucket().names()) expect(fake.bucket().get(name)?.generation).toBe(1);
}
