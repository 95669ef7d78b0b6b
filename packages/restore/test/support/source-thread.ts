import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The entry of tsx for threads: `--import tsx` has no effect on one. */
const tsx = pathToFileURL(
  createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs'),
);

/** Returns what starts a thread that runs a file of the sources. */
export function startOfSource<T>(main: URL): (workerData: T) => Worker {
  const code = `import('${tsx}').then(({ register }) => { register(); return import('${main}'); });`;
  return (workerData) => new Worker(code, { eval: true, workerData, execArgv: ['--conditions=@ceres/source'] });
}
