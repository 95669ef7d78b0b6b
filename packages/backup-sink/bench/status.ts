import { setTimeout as pause } from 'node:timers/promises';
import type { BackupSink, Clock } from '@ceres/backup-sink';
import { median } from '@ceres/testkit';
import { pool, poolBytes, to, withWriters, writeAt } from './sink/data';
import { megabytes, print, withSink } from './sink/harness';
import { cpuMicroseconds } from './sink/tee-cpu';

const partitions = 1_000;
/** Makes a file of 400 KB of lines in each partition, as five minutes of a modest load do. */
const writes = 20_000;
const rounds = 8;
const fiveMinutesMs = 300_000;

/** Compares the CPU of all threads, from `write()` to the stored files, of a sink with a ledger and of one without. */
export async function run(): Promise<void> {
  const cpu = { with: [] as number[], without: [] as number[] };
  let aheadMs = 0;
  const clock: Clock = { now: () => Date.now() + aheadMs, sleep: (ms, signal) => pause(ms, undefined, { signal }) };
  const later = () => {
    aheadMs += fiveMinutesMs;
  };
  await withSink({ clock, heartbeatMs: fiveMinutesMs }, (withLedger) =>
    withSink({ clock, heartbeatMs: Infinity }, async (without) => {
      for (let round = -1; round < rounds; round += 1) {
        const sides = [
          { sink: withLedger, figures: cpu.with },
          { sink: without, figures: cpu.without },
        ];
        // Each goes first every other time, so that a machine that becomes busier disturbs both.
        for (const { sink, figures } of round % 2 === 0 ? sides : sides.toReversed()) {
          const used = await cpuOf(sink, later);
          if (round >= 0) figures.push(used); // the first round opens the partitions
        }
      }
    }),
  );
  const peer = 'the same sink without a ledger';
  const [ours, theirs] = [median(cpu.with), median(cpu.without)];
  print({ bench: 'status', case: 'ledger-cost-vs-none', unit: 'CPU ms/MB', ours, peer, theirs });
}

/** Writes for what the sink takes for five minutes: every file is sealed, and one heartbeat is due. */
async function cpuOf(sink: BackupSink, later: () => void): Promise<number> {
  const used = await cpuMicroseconds(async () => {
    await withWriters(writes, (n) => sink.write({ ...to, database: `db_${n % partitions}` }, writeAt(n)));
    later();
    await sink.flush();
  });
  return used / 1_000 / megabytes((poolBytes * writes) / pool.length);
}
