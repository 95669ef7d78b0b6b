import { nodeFileSystem } from '@ceres/internal';
import type { FileHandle, FileSystem } from '@ceres/storage';
import { describe, expect, it, vi } from 'vitest';
import { openSink, raw, SetClock, storedNumbers, to, until } from '../sink-harness';

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => 2,
}));

/** Holds what is written to a `.gz` until it is released. */
function holdGzips() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = new Set<string>();
  const fs: FileSystem = {
    ...nodeFileSystem,
    open: async (path, ...rest) => {
      const handle = await nodeFileSystem.open(path, ...rest);
      if (!path.endsWith('.gz.tmp')) return handle;
      const write: FileHandle['write'] = async (...args) => {
        held.add(path);
        await released;
        return await handle.write(...args);
      };
      return new Proxy(handle, {
        get: (target, name) => {
          const value = name === 'write' ? write : Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
  return { fs, held, release };
}

async function twoFiles(quietMs: number) {
  const clock = new SetClock();
  const { fs, held, release } = holdGzips();
  const { sink, storage } = await openSink({ clock, fs });
  await sink.write(to, raw(1));
  await sink.write({ ...to, database: 'db_1' }, raw(2));
  clock.nowMs += quietMs;
  const flushed = sink.flush();
  await until(() => held.size > 0);
  const finish = async () => {
    release();
    await flushed;
  };
  return { held, storage, finish };
}

describe('On two processors', () => {
  it('two files are compressed at once while nothing is written', async () => {
    const { held, finish, storage } = await twoFiles(100);
    await until(() => held.size === 2);
    await finish();
    expect(await storedNumbers(storage)).toEqual([1, 2]);
  });

  it('one file is compressed at a time while lines come, since their writers need the other processor', async () => {
    const { held, finish, storage } = await twoFiles(99);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(held.size).toBe(1);
    await finish();
    expect(await storedNumbers(storage)).toEqual([1, 2]);
  });
});
