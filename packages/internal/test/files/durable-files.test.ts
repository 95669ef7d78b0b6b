import { lstat, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { errnoOf, ifExists, utcDay, writeAll } from '../../src/index';

it('ifExists returns what the call returns, undefined for a missing file, and throws any other error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-files-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'file'), 'four');
  expect((await ifExists(lstat(join(folder, 'file'))))?.size).toBe(4);
  expect(await ifExists(lstat(join(folder, 'missing')))).toBeUndefined();
  expect(await ifExists(lstat(join(folder, 'missing/file')))).toBeUndefined();
  await expect(ifExists(lstat(join(folder, 'file/file')))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it('errnoOf returns the errno of a system error, and undefined for any other error', () => {
  expect(errnoOf(Object.assign(new Error('no'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(errnoOf(Object.assign(new Error('no'), { code: 'INVALID_OPTIONS' }))).toBeUndefined();
  expect(errnoOf({ code: 'ENOENT' })).toBeUndefined();
  expect(errnoOf(undefined)).toBeUndefined();
});

it('writeAll writes every byte, and fails rather than hang when a write takes none', async () => {
  const written: number[] = [];
  const file = (bytesMax: number) => ({
    async write(bytes: Uint8Array, offset = 0, length = bytes.byteLength) {
      const taken = Math.min(length, bytesMax);
      written.push(...bytes.subarray(offset, offset + taken));
      return { bytesWritten: taken };
    },
  });
  await writeAll(file(2), Uint8Array.from([1, 2, 3, 4, 5]));
  expect(written).toEqual([1, 2, 3, 4, 5]);
  await expect(writeAll(file(0), Uint8Array.from([1]))).rejects.toThrow('wrote nothing');
});

it('utcDay is the day in UTC, as keys have it', () => {
  expect(utcDay(Date.UTC(2024, 4, 9, 23, 59, 59, 999))).toBe('20240509');
  expect(utcDay(0)).toBe('19700101');
});
