import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LocalStorage } from '@ceres/backup-sink';
import { encodeFile } from '@ceres/lineproto';
import { formatKey } from '@ceres/storage';
import { hostileLines, type Influxd, influxdAvailable, startInfluxd, superlinear } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/exit-codes';
import { ceres } from '../support/in-process';

const instance = 'influxdb-0';

/** One of each kind: the rest of the table is read by the same code, whose own tests read all of it. */
const shapes = hostileLines.filter(({ name }) =>
  [
    'digits that end in a letter',
    'digits that end in i',
    'zeros that end in i',
    'a timestamp without an end',
    'a string that is never closed',
    'one string',
    'escaped quotes',
    'quotes only',
    'backslashes in a field key',
    'one field many times, with two types',
    'many tags out of order',
    'blank lines',
  ].includes(name),
);

describe.skipIf(!(await influxdAvailable()))(
  'The time for a backup that someone hostile wrote',
  { timeout: 300_000 },
  () => {
    let folder: string;
    let server: Influxd;
    let runs = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ceres-hostile-'));
      server = await startInfluxd();
    });
    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** Makes a backup with a file of each shape, each of about this size, and returns what names it. */
    async function backup(sizeBytes: number): Promise<string[]> {
      const root = join(folder, `backup-${sizeBytes}`);
      const storage = new LocalStorage(root);
      for (const [n, { name, bytes }] of shapes.entries()) {
        const database = `db_${n}`;
        const lines = bytes(sizeBytes);
        // A record that never ends is refused by every encoder of ours; a file of an older system has no digest.
        const gz = name.includes('never closed') ? ofOlderSystem(database, lines) : await sealed(database, lines);
        const id = `019cabd5-c701-7c80-b5b5-${n.toString(16).padStart(12, '0')}`;
        const key = formatKey({ instance, database, retentionPolicy: '', day: '20260306', id });
        await storage.put(key, { sizeBytes: gz.length, open: () => streamOf(gz) });
      }
      return [`file://${root}`, '--instance', instance];
    }

    const into = (...more: string[]) => ['--to', server.url, ...more];
    const commands: Readonly<Record<string, (source: string[]) => string[]>> = {
      check: (source) => ['check', ...source],
      cat: (source) => ['cat', ...source],
      restore: (source) => {
        runs += 1;
        const own = [
          '--journal-file',
          join(folder, `journal-${runs}`),
          '--rejects-dir',
          join(folder, `rejects-${runs}`),
        ];
        return ['restore', ...source, ...into('--into-existing', ...own)];
      },
      verify: (source) => ['verify', ...source, ...into('--level', 'content')],
    };

    it.each(Object.entries(commands))('grows with its size and no faster: ceres %s', async (name, command) => {
      const sources = new Map<number, string[]>();
      for (const sizeBytes of [1_000, 10_000, 100_000, 1_000_000]) sources.set(sizeBytes, await backup(sizeBytes));
      const prepare = (sizeBytes: number) => async () => {
        const { exitCode, stderr } = await ceres(command(sources.get(sizeBytes) ?? []));
        const ends: readonly number[] = [exitCodes.done, exitCodes.setAside, exitCodes.found];
        expect(ends, stderr).toContain(exitCode);
      };
      expect(await superlinear([{ name, prepare }])).toEqual([]);
    });
  },
);

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function sealed(database: string, lines: Buffer): Promise<Buffer> {
  const header = { database, retentionPolicy: '', formatVersion: 1, instance, precision: 's' } as const;
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeFile(header, streamOf(lines))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function ofOlderSystem(database: string, lines: Buffer): Buffer {
  const header = `# DML\n# CONTEXT-DATABASE: ${database}\n# CONTEXT-RETENTION-POLICY:\n`;
  return gzipSync(Buffer.concat([Buffer.from(header), lines]));
}
