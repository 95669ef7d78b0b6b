import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openPortableFolder } from '../../src/containers/portable/portable-folder';
import { columnOf, pointsOf } from '../columns';
import { tsmBytes } from '../files/memory-file';
import { temporaryFolders } from '../fixtures/unpack';
import { tarEnd, tarFile } from './tar-bytes';

const folder = temporaryFolders();

interface Parts {
  readonly stamp?: string;
  readonly tar?: Uint8Array;
  readonly manifest?: unknown;
  readonly value?: number;
  readonly lastModified?: number;
}

/** Makes a backup of one shard. Each part can be replaced. */
async function backup(
  path: string,
  { stamp = '20260101T000000Z', tar, manifest, value = 1, lastModified = 0 }: Parts = {},
): Promise<string> {
  const tsm = await tsmBytes([['m', 'f', columnOf('float', [[1n, value]])]]);
  const archive = tar ?? Buffer.concat([tarFile('db/rp/7/000000001-000000001.tsm', tsm), tarEnd]);
  await writeFile(join(path, `${stamp}.s7.tar.gz`), gzipSync(archive));
  await writeFile(join(path, `${stamp}.meta`), Buffer.from([0x0a, 0x04, 0x40, 9, 0x48, 8, 0x10, 1]));
  const file = {
    database: 'db',
    policy: 'rp',
    shardID: 7,
    fileName: `${stamp}.s7.tar.gz`,
    size: archive.length,
    lastModified,
  };
  const text = JSON.stringify(
    manifest ?? { meta: { fileName: `${stamp}.meta`, size: 4 }, limited: false, files: [file] },
  );
  await writeFile(join(path, `${stamp}.manifest`), text);
  return path;
}

async function read(path: string, options = {}): Promise<unknown[]> {
  const { shards } = await openPortableFolder(path, options);
  const points: unknown[] = [];
  for (const stored of shards) {
    const shard = await stored.open();
    for await (const { column } of shard.columns()) points.push(...pointsOf(column));
    await shard.close();
  }
  return points;
}

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a portable backup', () => {
  it('is its shards, and the highest numbers of its metadata', async () => {
    const path = await backup(await folder());
    const { meta, shards } = await openPortableFolder(path);
    expect(shards).toMatchObject([{ database: 'db', retentionPolicy: 'rp', id: 7 }]);
    expect(meta).toEqual({ databases: [], users: [], shardGroupIdMax: 9, shardIdMax: 8 });
    expect(await read(path)).toEqual([[1n, 1]]);
  });

  it('may lie beside an older one: of each shard the newer archive counts', async () => {
    const path = await backup(await folder(), { stamp: '20260102T000000Z', value: 2 });
    await backup(path, { stamp: '20260101T000000Z', value: 1 });
    expect(await read(path)).toEqual([[1n, 2]]);
  });

  it('counts with the archive that was modified last, whatever the names', async () => {
    const path = await backup(await folder(), { stamp: '20260101T000000Z', value: 1, lastModified: 1.7e18 });
    await backup(path, { stamp: '20260102T000000Z', value: 2 });
    expect(await read(path)).toEqual([[1n, 1]]);
    await backup(path, { stamp: '20260103T000000Z', value: 3, lastModified: 1.7e18 });
    expect(await read(path)).toEqual([[1n, 3]]);
  });

  it('counts with the first of the archives that one manifest names for a shard', async () => {
    const path = await backup(await folder(), { stamp: '20260101T000000Z', value: 1 });
    await backup(path, { stamp: '20260102T000000Z', value: 2 });
    const [older, newer] = [join(path, '20260101T000000Z.manifest'), join(path, '20260102T000000Z.manifest')];
    const { files } = JSON.parse(await readFile(older, 'utf8'));
    const manifest = JSON.parse(await readFile(newer, 'utf8'));
    await rm(older);
    await writeFile(newer, JSON.stringify({ ...manifest, files: [...files, ...manifest.files] }));
    expect(await read(path)).toEqual([[1n, 1]]);
    await writeFile(newer, JSON.stringify({ ...manifest, files: [...manifest.files, ...files] }));
    expect(await read(path)).toEqual([[1n, 2]]);
  });

  it('began when the archive that counts did; without shards when its metadata did, and without a time it is not known', async () => {
    const began = async (path: string) => (await openPortableFolder(path)).beganMs;
    const path = await backup(await folder(), { stamp: '20260101T020304Z' });
    await backup(path, { stamp: '20260102T000000Z' });
    expect(await began(path)).toBe(Date.UTC(2026, 0, 2));
    await backup(path, { stamp: '20260101T020304Z', lastModified: 1 });
    expect(await began(path)).toBe(Date.UTC(2026, 0, 1, 2, 3, 4));
    const manifest = { meta: { fileName: '20260103T000000Z.meta', size: 4 }, files: null };
    const empty = await backup(await folder(), { stamp: '20260103T000000Z', manifest });
    await rm(join(empty, '20260103T000000Z.s7.tar.gz'));
    expect(await began(empty)).toBe(Date.UTC(2026, 0, 3));
    for (const stamp of ['mine', '20261301T000000Z'])
      expect(await began(await backup(await folder(), { stamp }))).toBeUndefined();
  });

  it('is unpacked into the scratch folder where memory does not do, and leaves nothing there', async () => {
    const path = await backup(await folder());
    const scratchDir = await folder();
    const [stored] = (await openPortableFolder(path, { scratchDir, memoryBytesMax: 0 })).shards;
    const shard = await stored?.open();
    expect(await readdir(scratchDir)).toHaveLength(1);
    await shard?.close();
    expect(await readdir(scratchDir)).toEqual([]);
    await expect(read(path, { memoryBytesMax: 10 })).rejects.toThrow(
      /has \d+ bytes and does not fit into memory\. Name a folder/,
    );
    await expect(read(path, { memoryBytesMax: 0, scratchDir: join(scratchDir, 'missing') })).rejects.toThrow(
      code('SCRATCH_FULL'),
    );
  });

  it('refuses impossible options', async () => {
    const path = await backup(await folder());
    await expect(openPortableFolder(path, { scratch: '/tmp' } as object)).rejects.toThrow(code('INVALID_OPTIONS'));
    await expect(openPortableFolder(path, { memoryBytesMax: -1 })).rejects.toThrow(code('INVALID_OPTIONS'));
  });
});

describe('a portable backup that is not whole', () => {
  it('is refused if a file is missing, or if no manifest names an archive', async () => {
    await expect(read(join(await folder(), 'none'))).rejects.toThrow(code('MISSING'));
    await expect(read(await folder())).rejects.toThrow(/has no manifest/);
    const path = await backup(await folder());
    await writeFile(join(path, 'other.s8.tar.gz'), '');
    await expect(read(path)).rejects.toThrow(/No manifest in .* names other\.s8\.tar\.gz/);
    const file = { database: 'db', policy: 'rp', shardID: 8, fileName: 'gone.tar.gz', size: 1 };
    const lacking = await backup(await folder(), {
      manifest: { meta: { fileName: '20260101T000000Z.meta' }, files: [file] },
    });
    await expect(read(lacking)).rejects.toThrow(/lacks gone\.tar\.gz/);
  });

  it('is refused if its manifest or its metadata cannot be read', async () => {
    const entry = { database: 'db', policy: 'rp', shardID: 7, fileName: '../x', size: 1 };
    const meta = { fileName: '20260101T000000Z.meta', size: 8 };
    for (const manifest of [
      0,
      [],
      { meta },
      { meta, files: [null] },
      { meta, files: [{ ...entry, fileName: 'a', shardID: '7' }] },
    ]) {
      await expect(read(await backup(await folder(), { manifest })), JSON.stringify(manifest)).rejects.toThrow(
        code('DAMAGED'),
      );
    }
    await expect(read(await backup(await folder(), { manifest: { meta, files: [entry] } }))).rejects.toThrow(
      code('DAMAGED'),
    );
    await expect(
      read(await backup(await folder(), { manifest: { meta: { fileName: '..' }, files: [] } })),
    ).rejects.toThrow(code('UNSAFE_NAME'));
    const path = await backup(await folder());
    await writeFile(join(path, '20260101T000000Z.meta'), Buffer.from([0x0a, 0x05, 0x40]));
    await expect(read(path)).rejects.toThrow(code('DAMAGED'));
  });

  it('is refused if an archive was cut, or holds files of another shard or of another kind', async () => {
    const tsm = await tsmBytes([['m', 'f', columnOf('float', [[1n, 1]])]]);
    const name = 'db/rp/7/000000001-000000001.tsm';
    const tars = {
      INCOMPLETE: [tarFile(name, tsm), Buffer.alloc(512)],
      UNSAFE_NAME: [tarFile('db/rp/7/../8/000000001-000000001.tsm', tsm), tarEnd],
      DAMAGED: [tarFile('db/rp/8/000000001-000000001.tsm', tsm), tarEnd],
    };
    for (const [expected, parts] of Object.entries(tars)) {
      await expect(read(await backup(await folder(), { tar: Buffer.concat(parts) }))).rejects.toThrow(code(expected));
    }
    const foreign = Buffer.concat([tarFile('db/rp/7/fields.idx', tsm), tarEnd]);
    await expect(read(await backup(await folder(), { tar: foreign }))).rejects.toThrow(
      /which is not a file of the shard db\/rp\/7/,
    );
    const twice = Buffer.concat([tarFile(name, tsm), tarFile(name, tsm), tarEnd]);
    await expect(read(await backup(await folder(), { tar: twice }))).rejects.toThrow(/twice/);
  });

  it('is noticed if its gzip was cut or a bit of it flipped, at every 97th byte', async () => {
    const path = await backup(await folder());
    const archivePath = join(path, '20260101T000000Z.s7.tar.gz');
    const whole = await readFile(archivePath);
    const scratchDir = await folder();
    for (let at = 0; at < whole.length; at += 97) {
      await writeFile(archivePath, whole.subarray(0, at));
      await expect(read(path), `cut at ${at}`).rejects.toThrow(expect.objectContaining({ name: 'TsmError' }));
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      await writeFile(archivePath, flipped);
      const outcome = await read(path, { scratchDir, memoryBytesMax: 0 }).catch((error: unknown) => error);
      // A few bits in the header of gzip mean nothing.
      if (Array.isArray(outcome)) expect(outcome).toEqual([[1n, 1]]);
      else expect(outcome).toMatchObject({ name: 'TsmError' });
      expect(await readdir(scratchDir)).toEqual([]);
    }
  });
});
