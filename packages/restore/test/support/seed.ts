import { createHash } from 'node:crypto';
import type { ObjectWriter } from '@ceres/storage';
import {
  encodeSeedManifest,
  type SeedFile,
  type SeedManifest,
  seedFileId,
  seedFileMs,
  seedManifestKey,
} from '@ceres/storage/internal';
import { type BackupFile, gzOf, headerOf, keyOf, uuidV7 } from './backup';

/** A seed of a test's backup. */
export interface TestSeed {
  /** The files in their order; each has the name that its place gives it. */
  readonly files: readonly Omit<BackupFile, 'openedMs' | 'id' | 'instance'>[];
  readonly takenMs: number;
  /** Set for a later seed: the millisecond in the names of its files. */
  readonly namesMs?: number;
  /** Counts the files of first seeds on, as a second one of the same backup would. */
  readonly firstNumber?: number;
  readonly manifest?: Partial<SeedManifest>;
}

const nsPer = { s: 1_000_000_000n, ns: 1n } as const;

/** Returns the files of a seed as `putFiles` stores them. */
export function seedFiles({ files, takenMs, namesMs, firstNumber = 0 }: TestSeed): BackupFile[] {
  return files.map((file, i) => {
    const openedMs = namesMs ?? seedFileMs(firstNumber + i);
    const seed = { source: 'snapshot', server: 'tcp://127.0.0.1:8088', takenMs };
    const id = seedFileId(openedMs, namesMs === undefined ? 0 : i, i);
    return { ...file, openedMs, id, header: { writer: uuidV7(takenMs, 7), seed, ...file.header } };
  });
}

/** Puts the files of a seed, and its manifest last; returns the keys of the files. */
export async function putSeed(storage: ObjectWriter, seed: TestSeed): Promise<string[]> {
  const stored = await putSeedFiles(storage, seed);
  const manifest = await manifestOf(seed);
  await put(storage, seedManifestKey('src', manifest.id), await encodeSeedManifest(manifest));
  return stored;
}

/** Puts the files of a seed without its manifest: it is unfinished. */
export async function putSeedFiles(storage: ObjectWriter, seed: TestSeed): Promise<string[]> {
  const keys: string[] = [];
  for (const file of seedFiles(seed)) {
    keys.push(keyOf(file));
    await put(storage, keyOf(file), await gzOf(file));
  }
  return keys;
}

/** Returns the manifest of a seed, as it says what the files hold. */
export async function manifestOf(seed: TestSeed): Promise<SeedManifest> {
  const files: SeedFile[] = [];
  for (const file of seedFiles(seed)) {
    const gz = await gzOf(file);
    const { summary, precision } = headerOf(file);
    const unit = nsPer[precision as keyof typeof nsPer];
    files.push({
      key: keyOf(file),
      bytes: gz.byteLength,
      digest: createHash('md5').update(gz).digest('base64'),
      lines: summary?.lines ?? 0,
      firstNs: (summary?.firstTimestamp ?? 0n) * unit,
      lastNs: (summary?.lastTimestamp ?? 0n) * unit,
    });
  }
  const names = new Set(
    seed.files.map(({ database, retentionPolicy = '' }) => JSON.stringify([database, retentionPolicy])),
  );
  const partitions = [...names].map((name) => {
    const [database, retentionPolicy] = JSON.parse(name) as [string, string];
    return { database, retentionPolicy, isDefault: true, lines: 0, firstNs: 0n, lastNs: 0n, digest: '00' };
  });
  return {
    id: uuidV7(seed.takenMs, 99),
    instance: 'src',
    source: 'snapshot',
    takenMs: seed.takenMs,
    again: seed.namesMs !== undefined,
    selection: {},
    partitions,
    shards: [],
    files,
    losses: [],
    ...seed.manifest,
  };
}

export async function put(storage: ObjectWriter, key: string, bytes: Uint8Array): Promise<void> {
  await storage.put(key, {
    sizeBytes: bytes.byteLength,
    async *open() {
      yield bytes;
    },
  });
}
