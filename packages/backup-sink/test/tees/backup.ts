import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemoryStorage } from '@ceres/storage';
import { afterEach } from 'vitest';
import { BackupSink, type BackupSinkOptions } from '../../src/index';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Runs a cleanup after the test, the last one first. */
export function afterTest(cleanUp: () => Promise<unknown>): void {
  cleanUps.push(cleanUp);
}

export interface TestSink {
  readonly sink: BackupSink;
  /** Flushes, and resolves with what the bucket holds: one string per line, with `database/policy` before it. */
  lines(): Promise<string[]>;
  /** Does the same for what was quarantined. */
  quarantine(): Promise<string[]>;
}

/** Opens a sink with a storage in memory. */
export async function openTestSink(options: Partial<BackupSinkOptions> = {}): Promise<TestSink> {
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-tee-'));
  // A closed sink waits 3 s for what is still being hashed and written there: on a busy machine, that may come later.
  afterTest(() => rm(spoolDir, { recursive: true, force: true, maxRetries: 100, retryDelay: 100 }));
  const storage = new MemoryStorage();
  const sink = await BackupSink.open({ storage, spoolDir, precision: 'ns', ...options });
  afterTest(() => sink.close());

  async function read(prefix: string): Promise<string[]> {
    await sink.flush();
    const lines: string[] = [];
    for await (const { key } of storage.list(prefix)) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of storage.get(key)) chunks.push(chunk);
      const text = gunzipSync(Buffer.concat(chunks)).toString();
      const [, database, policy] = key.replace('~quarantine/', '').split('/');
      for (const line of text.split('\n')) {
        if (line !== '' && (!line.startsWith('#') || line.startsWith('# CERES-REASON')))
          lines.push(`${database}/${policy} ${line}`);
      }
    }
    return lines;
  }
  return { sink, lines: () => read('influxdb-0/'), quarantine: () => read('~quarantine/') };
}
