import type { FileSystem } from '@ceres/internal';
import { createFsFromVolume, Volume } from 'memfs';
import { describe, it } from 'vitest';
import { storageConformance } from '../../src/conformance/suite';
import { LocalStorage } from '../../src/local/local-storage';

describe('LocalStorage on memfs', () => {
  storageConformance({ describe, it }, async () => {
    const volume = new Volume();
    volume.mkdirSync('/backup', { recursive: true });
    const fs = createFsFromVolume(volume).promises as unknown as FileSystem;
    return new LocalStorage('/backup', { fs });
  });
});
