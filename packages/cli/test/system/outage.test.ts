import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink } from '@ceres/backup-sink';
import { systemClock } from '@ceres/internal';
import { decodeFile } from '@ceres/lineproto';
import { GcsStorage } from '@ceres/storage-gcs';
import { FakeGcs, type GcsFault, gcsRoles } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';

const to = { instance: 'influxdb-0', database: 'db_0' };
/** A minute of the sink passes in half a second. */
const speed = 120;

it('an outage of minutes under load loses nothing: 503, then silence, then the bucket is back', async () => {
  const gcs = await FakeGcs.start({ permissions: gcsRoles.objectCreator });
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-outage-'));
  const storage = new GcsStorage({ bucket: 'test-bucket', apiEndpoint: gcs.url, attemptTimeoutMs: 300 });
  const startedMs = Date.now();
  const now = () => startedMs + (Date.now() - startedMs) * speed;
  const clock = { now, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / speed, signal) };
  const sink = await BackupSink.open({ storage, spoolDir, precision: 's', segmentBytesMax: 20_000, clock });
  onTestFinished(async () => {
    await sink.close({ timeoutMs: 0 });
    await gcs.close();
    await rm(spoolDir, { recursive: true });
  });

  let written = 0;
  const writeFor = async (ms: number) => {
    for (const endMs = Date.now() + ms; Date.now() < endMs; await pause(1)) {
      const lines = Array.from({ length: 20 }, (_, i) => `m v=${written + i}i ${1_700_000_000 + written + i}\n`).join(
        '',
      );
      await sink.write(to, { lines, precision: 's' });
      written += 20;
    }
  };
  const outage = async (fault: GcsFault) => {
    gcs.inject({ ...fault, times: 1e6 });
    await writeFor(1_500);
    gcs.clearFaults();
  };

  await writeFor(500);
  await outage({ kind: 'status', status: 503 });
  const { oldestUnstoredMs, unstoredFiles } = sink.stats();
  expect(oldestUnstoredMs).toBeGreaterThan(60_000);
  await outage({ kind: 'stall' });
  expect(sink.stats().oldestUnstoredMs).toBeGreaterThan(oldestUnstoredMs);
  expect(sink.stats().unstoredFiles).toBeGreaterThan(unstoredFiles);

  await writeFor(500);
  await sink.flush();
  expect(sink.stats()).toMatchObject({ unstoredFiles: 0, parkedFiles: 0, oldestUnstoredMs: 0 });
  let stored = 0;
  for (const name of gcs.bucket().names()) {
    if (name.startsWith('~heartbeat/')) continue;
    const file = decodeFile(chunk(gcs.bucket().get(name)?.bytes), { batchBytesMax: 1e6, batchLinesMax: 1e6 });
    for await (const batch of file) stored += batch.lines;
    expect(await file.integrity).toEqual({ status: 'sealed' });
  }
  expect(stored).toBe(written);
});

async function* chunk(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (bytes !== undefined) yield bytes;
}
