import { FaultyDisk, FaultyFs, type FsCall, type FsFault, randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { SpoolDirectories } from '../../src/spool/disk/directories';

/** A file that holds acked lines, durable under its first name. */
async function withFile(seed: number) {
  const disk = new FaultyDisk(randomFrom(seed));
  const fs = new FaultyFs(disk);
  await fs.mkdir('/spool/p', { recursive: true });
  const directories = new SpoolDirectories(fs, '/spool');
  await directories.change('/', async () => undefined);
  await directories.change('/spool', async () => undefined);
  await directories.change('/spool/p', async () => {
    const handle = await fs.open('/spool/p/old', 'wx');
    await handle.write(Buffer.from('acked'));
    await handle.sync();
    await handle.close();
  });
  return { disk, directories };
}

async function contents(disk: FaultyDisk): Promise<string[]> {
  const fs = new FaultyFs(disk);
  const texts: string[] = [];
  for (const path of disk.files()) {
    const handle = await fs.open(path, 'r');
    const buffer = Buffer.alloc(16);
    const { bytesRead } = await handle.read(buffer, 0, 16, 0);
    texts.push(buffer.subarray(0, bytesRead).toString());
  }
  return texts;
}

describe('a file that gets its next name', () => {
  it('has a name after a crash at any moment, also where a crash keeps one half of a rename', async () => {
    for (let seed = 0; seed < 60; seed += 1) {
      for (let crashAt = 1; ; crashAt += 1) {
        const { disk, directories } = await withFile(seed);
        const from = disk.calls;
        let wasReached = false;
        disk.fault = ({ n }: FsCall) => {
          if (n === from + crashAt) {
            wasReached = true;
            disk.crash();
          }
          return undefined;
        };
        const moved = directories.move('/spool/p/old', '/spool/p/new').then(() => 'moved');
        const outcome = await Promise.race([moved, new Promise((resolve) => setTimeout(resolve, 5, 'crashed'))]);
        disk.fault = undefined;
        if (!wasReached) disk.crash();
        expect(await contents(disk), `seed ${seed}, crash at call ${crashAt}`).toContain('acked');
        if (outcome === 'moved' && !wasReached) break;
      }
    }
  });

  it.each<FsFault>([{ kind: 'EIO' }, { kind: 'EIO', done: 1 }, { kind: 'ENOSPC' }, { kind: 'EROFS' }])(
    'has a name after any one call fails with %o and the host crashes, and its new name is durable unless the move failed',
    async (fault) => {
      for (let seed = 0; seed < 20; seed += 1) {
        for (let failing = 1; ; failing += 1) {
          const { disk, directories } = await withFile(seed);
          const from = disk.calls;
          disk.fault = ({ n }: FsCall) => (n === from + failing ? fault : undefined);
          const hasMoved = await directories.move('/spool/p/old', '/spool/p/new').then(
            () => true,
            () => false,
          );
          disk.fault = undefined;
          disk.crash();
          expect(await contents(disk), `seed ${seed}, call ${failing}`).toContain('acked');
          if (hasMoved) expect(disk.files()).toContain('/spool/p/new');
          if (disk.faults === 0) break;
        }
      }
    },
  );

  it('keeps only its new name, takes over one that a failed attempt left, and leaves nothing behind once it is removed', async () => {
    const { disk, directories } = await withFile(1);
    let failures = 2;
    disk.fault = ({ operation, path }: FsCall) => {
      const isLeft = operation === 'unlink' || (operation === 'sync' && path === '/spool/p');
      return isLeft && failures-- > 0 ? { kind: 'EIO' } : undefined;
    };
    await expect(directories.move('/spool/p/old', '/spool/p/new')).rejects.toMatchObject({ code: 'EIO' });
    expect(disk.files()).toEqual(['/spool/p/new', '/spool/p/old']);
    await directories.move('/spool/p/old', '/spool/p/new');
    expect(disk.files()).toEqual(['/spool/p/new']);

    let unlinkFailures = 1;
    disk.fault = ({ operation }: FsCall) =>
      operation === 'unlink' && unlinkFailures-- > 0 ? { kind: 'EIO' } : undefined;
    await directories.move('/spool/p/new', '/spool/p/newest');
    expect(disk.files()).toEqual(['/spool/p/new', '/spool/p/newest']);
    await directories.removeLeftovers('/spool/p', 'new');
    expect(disk.files()).toEqual(['/spool/p/newest']);
  });
});
