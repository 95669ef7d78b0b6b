import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { storageConformance } from '../../src/conformance/suite';
import { LocalStorage } from '../../src/local/local-storage';

describe('LocalStorage on the disk', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-local-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  storageConformance({ describe, it }, async () => new LocalStorage(await mkdtemp(join(folder, 'storage-'))));
});
