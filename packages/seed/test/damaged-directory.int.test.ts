import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage } from '@ceres/storage';
import { type Influxd, influxdAvailable, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../src/index';
import { fillDatabase } from './support/every-type';
import { contentOfFiles } from './support/line-content';
import { serverContent } from './support/server-content';

const database = 'db 1';

describe.skipIf(!(await influxdAvailable()))(
  'a seed from the damaged data directory of a server that was killed',
  () => {
    let folder: string;
    let server: Influxd;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ceres-seed-damaged-'));
      server = await startInfluxd();
      await fillDatabase(server.url, database);
    });

    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('takes what can be read, and names what cannot', async () => {
      const content = await serverContent(server.rpcPort, database);
      await server.kill();
      const dataDir = join(server.dataDir, 'data');
      const files = (await readdir(dataDir, { recursive: true })).filter((name) => name.endsWith('.tsm'));
      const damaged = files.sort()[0] ?? '';
      const file = await open(join(dataDir, damaged), 'r+');
      await file.write(Buffer.from([0xff, 0xff, 0xff, 0xff]), 0, 4, 30); // in its first block
      await file.close();
      const storage = new MemoryStorage();
      const report = await seed({ storage, instance: 'i', source: dataDir, workDir: join(folder, 'work') });
      expect(report.losses).toEqual([expect.stringContaining(damaged)]);
      const manifests = [];
      for await (const { key } of storage.list('~seed/')) manifests.push(key);
      expect(manifests).toEqual([report.manifest]);
      const found = await contentOfFiles(storage, 'i/');
      const known = new Set(content);
      expect(found.filter((value) => !known.has(value))).toEqual([]);
      expect(found.length).toBeGreaterThan(0.9 * content.length);
      expect(found.length).toBeLessThan(content.length);
    });
  },
);
