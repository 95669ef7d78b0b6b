import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { openSink, raw, storedNumbers, to } from '../sink-harness';

it('the newest name of all is recorded before a file leaves the spool, so that the files of many partitions share one record', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const recorded: string[] = [];
  const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', uploadConcurrency: 1 });
  const partitions = 20;
  for (let n = 0; n < partitions; n += 1) await sink.write({ ...to, database: `db_${n}` }, raw(n));
  disk.fault = ({ operation, path }) => {
    if (operation === 'link' && path.includes('last-name-')) recorded.push(path);
    return undefined;
  };
  await sink.flush();
  expect(await storedNumbers(storage)).toHaveLength(partitions);
  expect(recorded).toHaveLength(1);
});
