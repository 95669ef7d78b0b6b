import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeFile, type FileHeader } from '../../../src/index';
import { gzip } from '../../../src/internal';

const header: FileHeader = { database: 'db', retentionPolicy: 'rp', formatVersion: 1, precision: 's' };
/** Yields lines that compress badly, so that zlib fills its output and then waits for the reader. */
async function* noisyLines(state: { ended: boolean }): AsyncGenerator<Uint8Array> {
  let seed = 1;
  const number = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed;
  };
  try {
    for (let chunk = 0; chunk < 8; chunk += 1) {
      yield Buffer.from(
        Array.from({ length: 30_000 }, () => `m v=${number()}${number()}i ${number()}${number()}\n`).join(''),
      );
    }
  } finally {
    state.ended = true;
  }
}

describe('a reader that leaves an encoding while zlib waits for it', () => {
  it('with return() gets an answer, and the source is closed', async () => {
    const state = { ended: false };
    const file = encodeFile(header, noisyLines(state), { level: 1 });
    await file.next();
    await pause(300); // zlib's output is full by now, and its writer waits for a callback
    await file.return();
    expect(state.ended).toBe(true);
  });

  it('with an error of its own gets that error', async () => {
    const state = { ended: false };
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const copied = (async () => {
      for await (const _ of encodeFile(header, noisyLines(state), { level: 1 })) {
        await pause(300);
        throw full;
      }
    })();
    expect(await copied.catch((error: unknown) => error)).toBe(full);
    expect(state.ended).toBe(true);
  });

  it('gets the error of a source that fails, after what came before it', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* noisyLines({ ended: false });
      throw new Error('the disk cannot read on');
    }
    const read = (async () => {
      for await (const _ of gzip(failing(), 1)) await pause(1);
    })();
    const message = read.catch((error: unknown) => (error as Error).message);
    expect(await message).toBe('the disk cannot read on');
  });
});
