import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ThreadData } from './messages';

/** Returns what starts a thread that compiles, as `startWorkerOf` does: without it, a program compiles in its main thread. */
export function findCompileWorker(): ((data: ThreadData) => Worker) | undefined {
  return startWorkerOf('compile-worker');
}

/** Returns what starts a thread; `undefined` where its file is not beside this one, as in a program that was bundled into one file. */
export function startWorkerOf<T>(name: 'compile-worker' | 'scan-worker'): ((data: T) => Worker) | undefined {
  const file = new URL(`./${name}.js`, import.meta.url);
  if (file.protocol !== 'file:' || !existsSync(fileURLToPath(file))) return undefined;
  // What this process was started with, such as a debugger or a loader of sources, is not for the thread.
  return (workerData) => new Worker(file, { workerData, execArgv: [] });
}
