import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { MemoryStorage } from '../../src/memory-storage';
import { encodeSeedManifest } from '../../src/seed/encode-manifest';
import type { SeedFile, SeedManifest } from '../../src/seed/manifest';
import { readSeedManifest } from '../../src/seed/read-manifest';
import { seedFileId, seedFileMs, seedManifestKey } from '../../src/seed/seed-key';

export const instance = 'influxdb-0.influxdb';
export const id = '01a22c53-8200-7def-8123-456789abcdef';
export const key = seedManifestKey(instance, id);
export const takenMs = Date.UTC(2026, 10, 30, 12, 0, 0, 5);

export const file: SeedFile = {
  key: `${instance}/db_0/rp_5d/20000101/${seedFileId(seedFileMs(1), 0, 7)}.gz`,
  bytes: 12_345,
  digest: 'XUFAKrxLKna5cZ2REBfFkg==',
  lines: 2,
  firstNs: -9_223_372_036_854_775_806n,
  lastNs: 1_795_421_700_000_000_000n,
};

export const manifest: SeedManifest = {
  id,
  instance,
  source: 'snapshot',
  server: 'tcp://127.0.0.1:8088',
  takenMs,
  again: false,
  selection: { databases: ['db_0', 'ü\n"'], measurements: ['cpu'], fromNs: -5n, toNs: 5n },
  partitions: [
    {
      database: 'db_0',
      retentionPolicy: 'rp_5d',
      isDefault: true,
      lines: 2,
      firstNs: -5n,
      lastNs: 5n,
      digest: '0123456789abcdef',
    },
  ],
  shards: [{ database: 'db_0', retentionPolicy: 'rp_5d', id: 7, files: 1 }],
  files: [file, { ...file, key: file.key.replace('20000101', '20000102') }],
  losses: ['000000001-000000001.tsm: cpu#!~#user from 1 to 2: its CRC is wrong'],
};

/** Returns the lines of a manifest but the last, which confirms them. */
export async function linesOf(of: SeedManifest = manifest): Promise<string[]> {
  return gunzipSync(await encodeSeedManifest(of))
    .toString()
    .split('\n')
    .slice(0, -2);
}

/** Returns the gzip of a manifest with these lines, and a last line that confirms them. */
export function confirmed(lines: readonly string[], says: { files?: number; others?: number } = {}): Buffer {
  const text = lines.map((line) => `${line}\n`).join('');
  const sha256 = createHash('sha256').update(text).digest('hex');
  const files = lines.filter((line) => line.startsWith('{"key"')).length;
  const end = { end: 'seed', files, others: lines.length - files - 1, ...says, sha256 };
  return gzipSync(`${text}${JSON.stringify(end)}\n`);
}

/** Stores an object, and reads it as a manifest. */
export async function readBack(bytes: Uint8Array, under = key): Promise<SeedManifest> {
  const storage = new MemoryStorage();
  await storage.put(under, {
    sizeBytes: bytes.byteLength,
    async *open() {
      yield bytes;
    },
  });
  return await readSeedManifest(storage, { key: under, sizeBytes: bytes.byteLength, createdMs: takenMs });
}
