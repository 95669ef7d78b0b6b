import { basename } from 'node:path';
import { MemoryStorage } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { openSink, raw, storedNumbers, to, until } from '../sink-harness';

/** A storage that answers no put until it is opened. */
class ClosedStorage extends MemoryStorage {
  #open = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  override async put(...put: Parameters<MemoryStorage['put']>): Promise<'created' | 'exists'> {
    await this.#opened;
    return await super.put(...put);
  }

  open(): void {
    this.#open();
  }
}

const kindOf = (path: string) => basename(path).replace(/^[0-9a-f-]{36}/, '');

it('a file that is put at once gets its last name at once; one that has to wait gets it when its put begins', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const storage = new ClosedStorage();
  const { sink } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', storage, uploadConcurrency: 1 });
  const linked: string[] = [];
  disk.fault = ({ operation, path }) => {
    if (operation === 'link' && path.includes('.gz')) linked.push(kindOf(path));
    return undefined;
  };
  const kinds = () =>
    disk
      .files()
      .filter((path) => !path.includes('~spool'))
      .map(kindOf)
      .sort();
  await sink.write(to, raw(1));
  const first = sink.flush();
  await until(() => kinds().includes('.tried.gz'));
  expect(linked).toEqual([]);
  await sink.write(to, raw(2));
  const second = sink.flush();
  await until(() => kinds().length === 2 && kinds().includes('.gz'));
  expect(kinds()).toEqual(['.gz', '.tried.gz']);
  storage.open();
  await Promise.all([first, second]);
  expect(linked).toHaveLength(1);
  expect(await storedNumbers(storage)).toEqual([1, 2]);
});
