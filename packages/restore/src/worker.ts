import { parentPort } from 'node:worker_threads';
import { serveTasks } from './threads/serve-tasks';

// The code of this package's threads, which start it.
if (parentPort !== null) serveTasks(parentPort);
