import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { storageConformance } from '../../src/conformance';
import { LocalStorage } from '../../src/local/local-storage';

describe('LocalStorage on the disk', () => {
  storageConformance({ describe, it }, async () => new LocalStorage(await mkdtemp(join(tmpdir(), 'ceres-local-'))));
});
