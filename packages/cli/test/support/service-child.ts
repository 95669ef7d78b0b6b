// A service in a process of its own, to be killed: parameters are in the environment.
import { BackupSink, LocalStorage } from '@ceres/backup-sink';

const { BUCKET = '', INSTANCE = '', STORED = '', SPOOLED = '' } = process.env;
const to = { instance: INSTANCE, database: 'db', retentionPolicy: '' };
const storage = new LocalStorage(BUCKET);
const sink = await BackupSink.open({ storage, spoolDir: 'spool', precision: 's', heartbeatMs: 20 });
setInterval(() => undefined, 60_000); // a sink that has nothing to do lets its process end
process.on('SIGUSR2', async () => {
  await sink.write(to, { lines: SPOOLED, precision: 's' });
  console.log('spooled');
});
await sink.write(to, { lines: STORED, precision: 's' });
await sink.flush();
console.log('stored');
