import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { MemoryStorage, type ObjectReader } from '@ceres/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Keeper } from '../../src/read/copy/keeper';
import { type Proof, proveFile } from '../../src/read/prove-file';
import { type BackupFile, backupOf, gzOf, keyOf } from '../support/backup';
import { openWorkspace, type Workspace } from '../support/workspace';

const openedMs = Date.UTC(2024, 0, 10);
const lines = Array.from({ length: 20_000 }, (_, i) => `m,t=${(i * 7919) % 977} v=${i} ${i}\n`).join('');
const file: BackupFile = { database: 'db', openedMs, lines, header: { writer: 'w', sequence: 1n } };
const key = keyOf(file);

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
  await mkdir(join(workspace.folder, 'scratch'));
});
afterEach(() => workspace.remove());

const keeperOf = (memoryMax?: number, linesMax?: number) =>
  new Keeper(join(workspace.folder, 'scratch'), memoryMax, linesMax);

async function prove(storage: ObjectReader, keeper = keeperOf(), sizeBytes = 1): Promise<Proof> {
  return await proveFile({ key, sizeBytes }, { storage }, keeper);
}

async function linesOf(proof: Proof): Promise<string> {
  if ('damage' in proof) throw new Error(proof.damage.reason);
  let text = '';
  for await (const { bytes } of proof.batches(10_000)) text += Buffer.from(bytes).toString();
  await proof.close();
  return text;
}

describe('proveFile', () => {
  it.each([
    ['its lines', undefined],
    ['its bytes', 0],
    ['its bytes, which turn out to hold more lines than there is room for,', 1_000],
  ])('keeps %s in memory, gives the lines that were proven, and asks the storage once', async (_, linesMax) => {
    let calls = 0;
    const inner = await backupOf(file);
    const counting: ObjectReader = {
      list: (prefix) => inner.list(prefix),
      get: (...asked) => {
        calls += 1;
        return inner.get(...asked);
      },
    };
    const proof = await prove(counting, keeperOf(undefined, linesMax));
    expect(proof).toMatchObject({ lines: 20_000, header: { writer: 'w' } });
    expect((await linesOf(proof)) === lines).toBe(true);
    expect(calls).toBe(1);
  });

  it('names a damaged file with its writer, its lines and their times, and gives no line of it', async () => {
    const gz = await gzOf(file);
    const middle = gz.length >> 1;
    gz.writeUInt8(gz.readUInt8(middle) ^ 1, middle);
    const proof = await prove(await backupOf({ ...file, gz }));
    expect(proof).toMatchObject({
      damage: { name: key, key, writer: 'w', lines: 20_000, first: 0n, last: 19_999_000_000_000n },
    });
    expect(proof).not.toHaveProperty('batches');
  });

  it.each([
    ['cut-off', (gz: Buffer) => gz.subarray(0, -1)],
    ['no-header', () => Buffer.from('m v=1 1\n')],
    [
      'footer-missing',
      (gz: Buffer) =>
        gzipSync(
          gunzipSync(gz)
            .toString()
            .replace(/# CERES-END.*\n/, ''),
        ),
    ],
    ['behind-footer', (gz: Buffer) => Buffer.concat([gz, gzipSync('m v=9 9\n')])],
    ['footer-wrong', (gz: Buffer) => gzipSync(gunzipSync(gz).toString().replace('v=7 7\n', 'v=8 7\n'))],
    ['header-damaged', (gz: Buffer) => gzipSync(gunzipSync(gz).toString().replace('WRITER: w', 'WRITER: x'))],
  ])('finds that a file is %s', async (problem, damage) => {
    const gz = damage(await gzOf(file));
    expect(await prove(await backupOf({ ...file, gz }))).toMatchObject({ damage: { name: key, problem } });
  });

  it('names no times that no point can have, as a damaged header may say them', async () => {
    const text = gunzipSync(await gzOf(file))
      .toString()
      .replace(/ last=\d+/, ' last=9000000000000000000');
    const proof = await prove(await backupOf({ ...file, gz: gzipSync(text) }));
    expect(proof).toMatchObject({ damage: { problem: 'header-damaged', lines: 20_000 } });
    expect('damage' in proof && proof.damage).not.toHaveProperty('last');
  });

  it('finds a header that contradicts the key, and a file that is gone', async () => {
    const gz = await gzOf({ ...file, database: 'other' });
    expect(await prove(await backupOf({ ...file, gz }))).toMatchObject({ damage: { problem: 'other-place' } });
    expect(await prove(new MemoryStorage())).toMatchObject({ damage: { name: key, problem: 'missing' } });
  });

  it('takes a whole file of an older system with a notice', async () => {
    const gz = gzipSync('# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RETENTION-POLICY:\nm v=1 1\n');
    const proof = await prove(await backupOf({ ...file, gz }));
    expect(proof).toMatchObject({ notice: { problem: 'unsealed' }, lines: 1 });
    expect(await linesOf(proof)).toBe('m v=1 1\n');
  });
});

describe('a file that is too large for memory', () => {
  /** Answers the second request for the file with other bytes. */
  async function changing(second: BackupFile): Promise<ObjectReader> {
    const [before, after] = [await backupOf(file), await backupOf(second)];
    let calls = 0;
    return {
      list: (prefix) => before.list(prefix),
      get: (...asked) => {
        calls += 1;
        return (calls === 1 ? before : after).get(...asked);
      },
    };
  }

  it('is kept in a scratch file that leaves nothing behind, and the storage is asked once', async () => {
    const storage = await changing({ ...file, lines: 'm v=1 1\n' });
    const proof = await prove(storage, keeperOf(1_000, 0), 2_000);
    expect((await linesOf(proof)) === lines).toBe(true);
    expect(await readdir(join(workspace.folder, 'scratch'))).toEqual([]);
  });

  it('is read from the storage again where there is no room for a scratch file', async () => {
    const keeper = new Keeper(join(workspace.folder, 'no such folder'), 1_000, 0);
    const proof = await proveFile({ key, sizeBytes: 2_000 }, { storage: await backupOf(file) }, keeper);
    expect((await linesOf(proof)) === lines).toBe(true);
  });

  it('gives no line that differs from what was proven', async () => {
    const keeper = new Keeper(join(workspace.folder, 'no such folder'), 1_000, 0);
    const storage = await changing({ ...file, lines: lines.replace('v=7 7\n', 'v=8 7\n') });
    const proof = await proveFile({ key, sizeBytes: 2_000 }, { storage }, keeper);
    await expect(linesOf(proof)).rejects.toMatchObject({ code: 'CHANGED' });
  });

  it('is proven although it was listed as a small one', async () => {
    const proof = await prove(await backupOf(file), keeperOf(1_000, 0), 10);
    expect((await linesOf(proof)) === lines).toBe(true);
  });
});
