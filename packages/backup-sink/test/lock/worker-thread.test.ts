import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { MemoryStorage } from '@ceres/storage';
import { expect, it, onTestFinished } from 'vitest';
import { errorOf, openSink, storedNumbers, temporaryDirectory, until } from '../sink-harness';

/** The entry of tsx for threads: `--import tsx` has no effect on one. */
const tsx = pathToFileURL(
  createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs'),
);
const main = new URL('writing-in-thread.ts', import.meta.url);

/** Runs a sink in a thread of this process, and waits until it has acked some lines. */
async function writeInThread(spoolDir: string) {
  const code = `import('${tsx}').then(({ register }) => { register(); return import('${main}'); });`;
  const worker = new Worker(code, { eval: true, workerData: spoolDir, execArgv: ['--conditions=@ceres/source'] });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const acked: number[] = [];
  let failure: Error | undefined;
  worker.on('message', (n: number) => acked.push(n)).on('error', (error) => (failure = error));
  await until(() => acked.length > 50 || failure !== undefined);
  if (failure !== undefined) throw failure;
  return { worker, acked };
}

it('while a worker thread has a sink, its process cannot open the spool; once it is terminated, it can at once', async () => {
  const spoolDir = await temporaryDirectory();
  const { worker, acked } = await writeInThread(spoolDir);
  const storage = new MemoryStorage();
  expect(await errorOf(openSink({ spoolDir, storage }))).toMatchObject({ code: 'SPOOL_LOCKED' });

  await worker.terminate();
  const terminatedMs = performance.now();
  const { sink } = await openSink({ spoolDir, storage });
  expect(performance.now() - terminatedMs).toBeLessThan(2_000); // it neither watched a lease nor waited for one to end
  await sink.flush();
  const stored = new Set(await storedNumbers(storage));
  expect(acked.filter((n) => !stored.has(n))).toEqual([]);
});

it('a worker thread cannot open the spool of a sink in the main thread', async () => {
  const { spoolDir } = await openSink();
  expect(await errorOf(writeInThread(spoolDir))).toMatchObject({ code: 'SPOOL_LOCKED' });
});
