// Writes as fast as it can, prints the number of every line once it is acked, and why it stopped.
import { BackupSink, type ObjectWriter } from '@ceres/backup-sink';

/** A storage that never answers: what was acked is in the spool only. */
const stalled: ObjectWriter = { put: () => new Promise(() => undefined) };

const sink = await BackupSink.open({ storage: stalled, spoolDir: 'spool', precision: 's' });
const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp_5d' };

try {
  for (let n = 0; ; n += 1) {
    await sink.write(to, { lines: `m,n=${n} v=1i ${1_700_000_000 + n}`, precision: 's' });
    console.log(`acked ${n};`);
  }
} catch (error) {
  console.log(`stopped by ${(error as { code?: string }).code};`);
  process.exit();
}
