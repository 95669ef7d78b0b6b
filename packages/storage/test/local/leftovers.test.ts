import { writeAll } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import { bodyOf } from '../../src/conformance/helpers';
import { LocalStorage } from '../../src/local/local-storage';
import { FakeClock } from '../fake-clock';
import { errno, memoryFs, watchedFs } from '../watched-fs';

const hourMs = 3_600_000;

async function withLeftover() {
  const fs = memoryFs();
  await fs.mkdir('/backup/~tmp', { recursive: true });
  const handle = await fs.open('/backup/~tmp/left-by-a-crash', 'wx');
  await writeAll(handle, Buffer.from('half'));
  await handle.close();
  const clock = new FakeClock();
  clock.nowMs = Date.now();
  return { fs, clock };
}

describe('what a crash left in the temporary folder', () => {
  it('is removed after a day and not earlier, since another process may be writing it', async () => {
    const { fs, clock } = await withLeftover();
    const storage = new LocalStorage('/backup', { fs, clock });
    await storage.put('a', bodyOf('x'));
    clock.nowMs += 23 * hourMs;
    await storage.put('b', bodyOf('x'));
    expect(await fs.readdir('/backup/~tmp')).toEqual(['left-by-a-crash']);
    clock.nowMs += 2 * hourMs;
    await storage.put('c', bodyOf('x'));
    expect(await fs.readdir('/backup/~tmp')).toEqual([]);
  });

  it('is looked for once an hour, not with every put', async () => {
    const { fs, clock } = await withLeftover();
    let reads = 0;
    const watched = watchedFs(fs, (call) => {
      if (call === 'readdir') reads += 1;
    });
    const storage = new LocalStorage('/backup', { fs: watched, clock });
    for (const key of ['a', 'b', 'c']) await storage.put(key, bodyOf('x'));
    expect(reads).toBe(1);
  });

  it('does not fail a put when it cannot be removed', async () => {
    const { fs, clock } = await withLeftover();
    clock.nowMs += 25 * hourMs;
    const broken = watchedFs(fs, (call, path) => {
      if (call === 'unlink' && path.endsWith('left-by-a-crash')) throw errno('EPERM', call, path);
    });
    expect(await new LocalStorage('/backup', { fs: broken, clock }).put('a', bodyOf('x'))).toBe('created');
  });
});
