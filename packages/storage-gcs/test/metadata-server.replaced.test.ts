import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink } from '@ceres/backup-sink';
import { bodyOf, FakeGcs, FakeMetadataServer, keysOf, type MetadataServerState, readAll } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { GcsStorage } from '../src/gcs-storage';

// An address that is not Google's needs no credentials, unless the client has an option for it.
vi.mock('@google-cloud/storage', async (original) => {
  const { Storage } = await original<typeof import('@google-cloud/storage')>();
  class WithCredentials extends Storage {
    constructor(options: object) {
      super({ ...options, useAuthWithCustomEndpoint: true });
    }
  }
  return { Storage: WithCredentials };
});

const detections = [undefined, 'assume-present'] as const;

/** Starts a fake Google that demands a token, and a metadata server that gives it once it is up. */
async function startMachine(state: MetadataServerState, detection: string | undefined) {
  const metadata = await FakeMetadataServer.start(state);
  const fake = await FakeGcs.start({ token: metadata.token });
  vi.stubEnv('GCE_METADATA_HOST', metadata.host);
  vi.stubEnv('GCE_METADATA_IP', undefined);
  vi.stubEnv('METADATA_SERVER_DETECTION', detection);
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
  vi.stubEnv('STORAGE_EMULATOR_HOST', undefined);
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'a-project'); // otherwise the library looks for gcloud
  for (const home of ['HOME', 'APPDATA']) vi.stubEnv(home, tmpdir());
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await Promise.all([metadata.close(), fake.close()]);
  });
  const storage = new GcsStorage({ bucket: 'test-bucket', apiEndpoint: fake.url, idleTimeoutMs: 1_000 });
  return { metadata, fake, storage };
}

describe('GcsStorage on a machine of Google', () => {
  for (const detection of detections) {
    for (const state of ['down', 'silent', 'without-account', 'failing'] as const) {
      if (detection !== undefined && state === 'failing') continue; // the library retries for 2 s: like silence
      it(`throws UNAVAILABLE while the metadata server is ${state} (detection: ${detection}), sends nothing, and works once it is up`, async () => {
        const { metadata, fake, storage } = await startMachine(state, detection);
        for (const call of [
          () => storage.put('k', bodyOf('x')),
          () => keysOf(storage),
          () => readAll(storage.get('k')),
        ]) {
          await expect(call()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
        }
        expect(fake.log).toEqual([]);
        await metadata.become('up');
        expect(await storage.put('k', bodyOf('x'))).toBe('created');
        expect(await keysOf(storage)).toEqual(['k']);
        expect(await readAll(storage.get('k'))).toEqual(Buffer.from('x'));
      });
    }
  }

  it('asks for one token for many calls', async () => {
    const { metadata, storage } = await startMachine('up', undefined);
    for (const key of ['a', 'b', 'c']) await storage.put(key, bodyOf('x'));
    expect(metadata.tokensAsked).toBe(1);
  });

  it('throws DENIED if the account may not be used', async () => {
    const { storage } = await startMachine('refusing', undefined);
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject({ code: 'DENIED', retryable: false });
  });

  it('throws DENIED without a key file if it is certain that there is no metadata server', async () => {
    const { storage } = await startMachine('down', 'none');
    const message = expect.stringMatching(/default credentials.*METADATA_SERVER_DETECTION=none/);
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject({ code: 'DENIED', message });
  });

  it('lets a sink store everything, and park nothing, when the metadata server becomes ready after the first uploads', async () => {
    const { metadata, fake, storage } = await startMachine('down', undefined);
    const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-metadata-'));
    onTestFinished(() => rm(spoolDir, { recursive: true, force: true }));
    const clock = {
      now: Date.now,
      sleep: (ms: number) => new Promise<void>((woken) => setTimeout(woken, Math.min(ms, 10))),
    };
    const sink = await BackupSink.open({ storage, spoolDir, precision: 's', clock });
    const ahead: MetadataServerState[] = ['silent', 'without-account', 'failing', 'up'];
    const parked: Error[] = [];
    sink.on('parked', ({ error }) => parked.push(error));
    sink.on('retry', async () => {
      const next = ahead.shift();
      if (next !== undefined) await metadata.become(next);
    });
    for (const database of ['a', 'b', 'c']) {
      await sink.write({ instance: 'i', database }, { lines: 'm v=1 1', precision: 's' });
    }
    await sink.flush();
    expect(ahead).toEqual([]);
    expect(parked).toEqual([]);
    expect(sink.stats()).toMatchObject({ parkedFiles: 0, unstoredFiles: 0, storedFiles: 3 });
    expect(fake.bucket().names()).toHaveLength(3);
    await sink.close();
  });
});
