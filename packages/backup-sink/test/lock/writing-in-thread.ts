// Writes as fast as it can in a worker thread, and posts the number of every line once it is acked. It ends when it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { BackupSink, type ObjectWriter } from '@ceres/backup-sink';

/** A storage that never answers: what was acked is in the spool only. */
const stalled: ObjectWriter = { put: () => new Promise(() => undefined) };

const sink = await BackupSink.open({ storage: stalled, spoolDir: workerData, precision: 's', segmentBytesMax: 4_096 });
const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp_5d' };

for (let n = 0; ; n += 1) {
  await sink.write(to, { lines: `m,n=${n} v=1i ${1_700_000_000 + n}`, precision: 's' });
  parentPort?.postMessage(n);
}
