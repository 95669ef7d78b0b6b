import { readdir } from 'node:fs/promises';
import { nodeFileSystem } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import { Reserve } from '../../../src/spool/disk/reserve';
import { errorOf, temporaryDirectory } from '../../sink-harness';

const full = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

/** Makes a reserve in a folder of its own. */
async function filledReserve() {
  const folder = await temporaryDirectory();
  const reserve = new Reserve(nodeFileSystem, folder);
  await reserve.refill();
  return { reserve, left: async () => (await readdir(folder)).length };
}

describe('a reserve', () => {
  it('gives up no more of its files than the work needs on a full disk', async () => {
    const { reserve, left } = await filledReserve();
    const before = await left();
    await reserve.making(async () => {
      if ((await left()) > before - 2) throw full();
    });
    expect(await left()).toBe(before - 2);
    await reserve.refill();
    expect(await left()).toBe(before);
  });

  it('that is used up leaves the work its error', async () => {
    const { reserve, left } = await filledReserve();
    const error = full();
    expect(await errorOf(reserve.making(() => Promise.reject(error)))).toBe(error);
    expect(await left()).toBe(0);
  });

  it('keeps everything if the work fails for another reason than a full disk', async () => {
    const { reserve, left } = await filledReserve();
    const before = await left();
    const error = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    expect(await errorOf(reserve.making(() => Promise.reject(error)))).toBe(error);
    expect(await left()).toBe(before);
  });
});
