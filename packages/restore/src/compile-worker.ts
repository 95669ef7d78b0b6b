import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadData } from './compile/threads/messages';
import { serveCompiling } from './compile/threads/serve';

// The code of a thread that compiles shards; the package starts it.
if (parentPort !== null) serveCompiling(parentPort, workerData as ThreadData);
