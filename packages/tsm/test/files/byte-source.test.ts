import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileSystem } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import { bytesSource, fileSource, streamOf } from '../../src/files/byte-source';
import { collect, temporaryFolders } from '../fixtures/unpack';

const folder = temporaryFolders();
const code = (expected: string) => expect.objectContaining({ code: expected });
const hello = Buffer.from('hello');

describe.each(['a file', 'a buffer'])('%s as a source of bytes', (kind) => {
  const open = async () => {
    if (kind === 'a buffer') return bytesSource('hello', hello);
    const path = join(await folder(), 'hello');
    await writeFile(path, hello);
    return fileSource(path);
  };

  it('is read at any place, and never beyond its end', async () => {
    const source = await open();
    expect(source.sizeBytes).toBe(5);
    expect(Buffer.from(await source.read(1, 3)).toString()).toBe('ell');
    expect(await source.read(5, 0)).toHaveLength(0);
    expect(Buffer.concat(await collect(streamOf(source, 2))).toString()).toBe('llo');
    await expect(source.read(3, 3)).rejects.toThrow(code('INCOMPLETE'));
    await expect(source.read(-1, 1)).rejects.toThrow(code('INCOMPLETE'));
    await source.close();
  });
});

describe('a file', () => {
  it('that is missing, or cannot be read, is an error with its path', async () => {
    const path = join(await folder(), 'none');
    await expect(fileSource(path)).rejects.toThrow(new RegExp(`^There is no ${path}`));
    const source = await fileSource(await folder());
    await expect(source.read(0, 1)).rejects.toThrow(code('UNREADABLE'));
    await source.close();
  });

  it('that becomes shorter while it is read is noticed', async () => {
    const path = join(await folder(), 'shrinks');
    await writeFile(path, hello);
    const source = await fileSource(path);
    await truncate(path, 2);
    await expect(source.read(0, 5)).rejects.toThrow(/ends after 2 bytes, and 5 are needed/);
    await source.close();
  });

  it('is read to the end although the system returns fewer bytes at once', async () => {
    const path = join(await folder(), 'slow');
    await writeFile(path, hello);
    const source = await fileSource(path, {
      ...nodeFileSystem,
      open: async (...args) => {
        const handle = await nodeFileSystem.open(...args);
        const read: typeof handle.read = (buffer, offset, length, position) =>
          handle.read(buffer, offset, Math.min(length, 2), position);
        return Object.assign(Object.create(handle) as typeof handle, { read, close: () => handle.close() });
      },
    });
    expect(Buffer.from(await source.read(0, 5)).toString()).toBe('hello');
    await source.close();
  });
});
