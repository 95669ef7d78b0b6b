import { parentPort, workerData } from 'node:worker_threads';
import type { ScanThreadData } from './verify/scan/threads/messages';
import { serveScanning } from './verify/scan/threads/serve';

// The code of a thread that sums up a backup's side of a comparison; the package starts it.
if (parentPort !== null) serveScanning(parentPort, workerData as ScanThreadData);
