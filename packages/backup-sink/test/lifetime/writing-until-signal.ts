// Writes as fast as it can, and prints the number of every line once it is acked. Ends by a signal only.
import { BackupSink, closeOnSignal, LocalStorage, type ObjectWriter } from '@ceres/backup-sink';

/** A storage that does not answer before the caller gives up. */
const stalled: ObjectWriter = {
  put: (_key, _body, { signal } = {}) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
};

const storage = process.env.STALLED === '1' ? stalled : new LocalStorage('bucket');
const sink = await BackupSink.open({
  storage,
  spoolDir: process.env.SPOOL_DIR ?? 'spool',
  precision: 's',
  segmentBytesMax: 4_096,
});
closeOnSignal(sink, { timeoutMs: Number(process.env.TIMEOUT_MS) });
const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp_5d' };

for (let n = 0; ; n += 1) {
  try {
    await sink.write(to, { lines: `m,n=${n} v=1i ${1_700_000_000 + n}`, precision: 's' });
    console.log(`acked ${n};`);
  } catch {
    break; // closed
  }
}
