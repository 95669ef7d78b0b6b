import { readdir } from 'node:fs/promises';
import { type FileHandle, nodeFileSystem } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import { Scratch } from '../../src/containers/archive/scratch';
import { TsmError } from '../../src/errors';
import { temporaryFolders } from '../fixtures/unpack';

const folder = temporaryFolders();
const code = (expected: string) => expect.objectContaining({ code: expected });

async function* content() {
  yield Buffer.from('hel');
  yield Buffer.from('lo');
}

describe('what is unpacked', () => {
  it('stays in memory as long as all of it fits, and then goes to the scratch folder', async () => {
    const scratchDir = await folder();
    const scratch = new Scratch({ scratchDir, memoryBytesMax: 9 });
    const first = await scratch.keep('a', 5, content());
    const second = await scratch.keep('b', 5, content());
    expect(await readdir(scratchDir)).toHaveLength(1);
    for (const source of [first, second]) {
      expect(Buffer.from(await source.read(1, 4)).toString()).toBe('ello');
      await source.close();
    }
    expect(await readdir(scratchDir)).toEqual([]);
  });

  it('leaves nothing behind if the disk is full, and says how much space it needs', async () => {
    const scratchDir = await folder();
    const fs = {
      ...nodeFileSystem,
      open: async (path: string, flags: string): Promise<FileHandle> => {
        const handle = await nodeFileSystem.open(path, flags);
        const write = () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
        return Object.assign(Object.create(handle) as FileHandle, { write, close: () => handle.close() });
      },
    };
    const scratch = new Scratch({ scratchDir, memoryBytesMax: 0, fs });
    await expect(scratch.keep('big.tsm', 5, content())).rejects.toThrow(
      /Cannot unpack big\.tsm, of 5 bytes, into .* \(ENOSPC\)\. Free some space/,
    );
    await expect(scratch.keep('big.tsm', 5, content())).rejects.toThrow(code('SCRATCH_FULL'));
    expect(await readdir(scratchDir)).toEqual([]);
  });

  it('leaves nothing behind if the archive ends too early', async () => {
    const scratchDir = await folder();
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('he');
      throw new TsmError('INCOMPLETE', 'It was cut.');
    }
    await expect(new Scratch({ scratchDir, memoryBytesMax: 0 }).keep('a', 5, cut())).rejects.toThrow(/^a: It was cut/);
    expect(await readdir(scratchDir)).toEqual([]);
  });
});
