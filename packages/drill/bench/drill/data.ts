import { join } from 'node:path';
import { BackupSink } from '@ceres/backup-sink';
import { LocalStorage } from '@ceres/storage';
import { telegrafLines } from '@ceres/testkit';

export const instance = 'bench';
const databases = 10;
const days = 4;
const dayMs = 86_400_000;
const linesPerWrite = 5_000;

/** Makes a backup as sinks make it: ten databases, and a file of each on each of four days. Returns its folder. */
export async function makeBackup(folder: string, lines: number, series: number): Promise<string> {
  const root = join(folder, 'backup');
  const linesPerFile = Math.floor(lines / databases / days);
  const sources = Array.from({ length: databases }, (_, n) =>
    telegrafLines({ lines: linesPerFile * days, series: series / databases, seed: n + 1 }),
  );
  for (let day = 0; day < days; day += 1) {
    const offsetMs = (day - days) * dayMs;
    const clock = { now: () => Date.now() + offsetMs, sleep: () => new Promise<void>(() => undefined) };
    const sink = await BackupSink.open({
      storage: new LocalStorage(root),
      spoolDir: join(folder, 'spool'),
      precision: 's',
      segmentBytesMax: 2 ** 30,
      clock,
    });
    for (const [n, source] of sources.entries()) {
      for (let left = linesPerFile; left > 0; left -= linesPerWrite) {
        let text = '';
        for (let i = 0; i < Math.min(left, linesPerWrite); i += 1) text += source.next().value ?? '';
        await sink.write({ instance, database: `db_${n}` }, { lines: text, precision: 's' });
      }
    }
    await sink.close({ timeoutMs: 600_000 });
  }
  return root;
}
