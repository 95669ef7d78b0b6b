import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ThreadPool } from '../../src/threads/thread-pool';

/** The entry of tsx for threads: `--import tsx` has no effect on one. */
const tsx = pathToFileURL(
  createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs'),
);

const main = new URL('../../src/worker.ts', import.meta.url);
const code = `import('${tsx}').then(({ register }) => { register(); return import('${main}'); });`;

/** Returns the threads of this package, which run its sources. */
export function sourceThreads(onStart?: () => void): ThreadPool {
  return new ThreadPool(() => {
    onStart?.();
    return new Worker(code, { eval: true, execArgv: ['--conditions=@ceres/source'] });
  });
}
