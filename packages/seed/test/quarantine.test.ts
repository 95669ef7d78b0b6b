import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { columnOf } from '../../tsm/test/columns';
import { type TestField, tsmBytes } from '../../tsm/test/files/memory-file';
import { temporaryFolders } from '../../tsm/test/fixtures/unpack';
import { fieldsIndexBytes, writeSeriesFile } from '../../tsm/test/names/name-files';
import { writeFiles } from '../../tsm/test/salvage/damaged-directory';
import { seed } from '../src/index';

const folder = temporaryFolders();
const shard = 'data/db/rp/12';
const file = `${shard}/000000001-000000001.tsm`;

async function dataDirectory(fields: readonly TestField[], hosts: readonly string[]): Promise<string> {
  const root = await folder();
  const names = fields.map(([, name]) => [name, 'float'] as const);
  await writeFiles(root, {
    [file]: await tsmBytes(fields),
    [`${shard}/fields.idx`]: fieldsIndexBytes({ cpu: Object.fromEntries(names) }),
    'wal/x': '',
  });
  await writeSeriesFile(join(root, 'data/db/_series'), ...hosts.map((host) => ['cpu', { host }] as const));
  return root;
}

async function seeded(root: string, segmentBytesMax = 1_000_000) {
  const storage = new MemoryStorage();
  const options = { instance: 'i', source: join(root, 'data'), workDir: join(root, 'work'), segmentBytesMax };
  const report = await seed({ storage, ...options });
  const texts = new Map<string, string>();
  for await (const { key } of storage.list('')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of storage.get(key)) chunks.push(chunk);
    texts.set(key, gunzipSync(Buffer.concat(chunks)).toString('latin1'));
  }
  for (const text of texts.values()) expect(text).not.toContain(root); // no object names a path of this host
  const of = (start: string) => [...texts].filter(([key]) => key.startsWith(start));
  return { report, lines: of('i/'), quarantine: of('~quarantine/') };
}

const point = (host: string, value: number): TestField => [`cpu,host=${host}`, 'f', columnOf('float', [[7n, value]])];

describe('the quarantine of a seed', () => {
  it('holds the points whose series or field is not known, and no file of lines does', async () => {
    const root = await dataDirectory([point('a', 1), point('c', 2), point('e', 3)], ['a', 'c', 'e']);
    const bytes = await readFile(join(root, file));
    bytes.write('host=d#', bytes.lastIndexOf('host=c#'), 'latin1');
    await writeFile(join(root, file), bytes);
    const { report, lines, quarantine } = await seeded(root);
    expect(lines.map(([, text]) => text.split('\n').filter((line) => !line.startsWith('#')))).toEqual([
      ['cpu,host=a f=1 7', 'cpu,host=e f=3 7', ''],
    ]);
    const [[key, text] = ['', '']] = quarantine;
    expect(quarantine).toHaveLength(1);
    expect(key).toMatch(/^~quarantine\/i\/db\/rp\/20000101\/[0-9a-f-]{36}\.gz$/);
    expect(text).toMatch(/\n# CERES-REASON: code=DOUBTFUL bytes=16\ncpu,host=d f=2 7\n$/);
    expect(text).toMatch(
      /^# DML\n# CERES-DATABASE: db\n# CERES-RETENTION-POLICY: rp\n(?:.*\n)*# CERES-SEED: source=data-directory /,
    );
    expect(text).toMatch(/\n# CERES-NOT-IMPORTABLE: /);
    expect(report.losses).toEqual([
      expect.stringMatching(
        /shard 12: data\/db\/rp\/12\/000000001-000000001\.tsm: 1 doubtful points of "cpu,host=d f", .*has no series/,
      ),
      expect.stringContaining(`are kept in the quarantine, in ${key}`),
    ]);
    expect(report).toMatchObject({ points: 2, files: 1, isProven: true });
  });

  it('holds the points that no line can carry, byte by byte', async () => {
    const root = await dataDirectory([point('a', 1), ['cpu,host=a', 'x\ny', columnOf('float', [[8n, 2]])]], ['a']);
    const { report, quarantine } = await seeded(root);
    expect(quarantine.map(([, text]) => text.slice(text.indexOf('# CERES-REASON')))).toEqual([
      '# CERES-REASON: code=SYNTAX bytes=18\ncpu,host=a x\ny=2 8\n',
    ]);
    expect(report).toMatchObject({
      points: 1,
      losses: [expect.stringContaining('no line can carry'), expect.anything()],
    });
  });

  it('is cut into files of the size that is asked for, and has every record once', async () => {
    const column = columnOf(
      'float',
      Array.from({ length: 300 }, (_, i) => [BigInt(i), i] as const),
    );
    const root = await dataDirectory([point('a', 1), ['cpu,host=b', 'f', column]], ['a']);
    const { quarantine } = await seeded(root, 2_048);
    expect(quarantine.length).toBeGreaterThan(5);
    const records = quarantine.flatMap(([, text]) => text.match(/^cpu,.*$/gm) ?? []);
    expect(records).toEqual(Array.from({ length: 300 }, (_, i) => `cpu,host=b f=${i} ${i}`));
    for (const [, text] of quarantine) expect(text.length).toBeLessThan(4_096);
  });
});
