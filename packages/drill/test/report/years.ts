import type { InstanceStatus, PartitionStatus } from '@ceres/restore';
import { randomFrom } from '@ceres/testkit';

const dayMs = 86_400_000;
export const nowMs = Date.UTC(2026, 11, 1, 12);

/** Returns the state of an instance with this many databases over five years; each day is of a random state, or all are stored. */
export function fiveYears(databases: number, isRandom: boolean): InstanceStatus {
  const random = randomFrom(7);
  const firstMs = nowMs - 5 * 365.25 * dayMs;
  const days = Math.floor((nowMs - firstMs) / dayMs);
  const dayText = (ms: number) => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
  const findings: InstanceStatus['findings'][number][] = [];
  const partitions = Array.from({ length: databases }, (_, n): PartitionStatus => {
    const database = `database_${n}`;
    const stored: { day: string; files: number; unvouchedFiles: number }[] = [];
    for (let i = 0; i < days; i += 1) {
      const ms = firstMs + i * dayMs;
      const choice = isRandom ? random() : 0;
      if (choice < 0.6) stored.push({ day: dayText(ms), files: 24, unvouchedFiles: choice > 0.4 ? 1 : 0 });
      else if (choice < 0.8 && findings.length < 64 * databases) {
        const kind = choice < 0.7 ? 'lost' : 'resized';
        const fromNs = BigInt(Math.floor(ms)) * 1_000_000n;
        const partition = { instance: 'influxdb-0', database, retentionPolicy: 'rp' };
        findings.push({ kind, name: `${kind}/${n}/${i}`, partition, files: 1, lines: 1, fromNs, toNs: fromNs });
      }
    }
    const hours = Array.from({ length: 168 }, (_hour, i) => ({
      fromMs: nowMs - (i + 1) * 3_600_000,
      lines: Math.floor(1e6 * random()),
    }));
    return {
      database,
      retentionPolicy: 'rp',
      mixed: false,
      files: 24 * days,
      bytes: 1e9,
      lines: 1e8,
      firstDay: dayText(firstMs),
      lastDay: dayText(nowMs),
      newestFileMs: nowMs,
      unvouchedFiles: 0,
      activity: { days: stored, hours },
    };
  });
  const sink = { instance: 'influxdb-0', sink: '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11', firstMs, lastMs: nowMs };
  const state = {
    storedUpToMs: nowMs - 60_000,
    dueMs: nowMs + 300_000,
    isClosed: false,
    open: 1,
    spooled: 0,
    parked: 0,
  };
  return {
    instance: 'influxdb-0',
    isGood: findings.length === 0,
    storedUpToMs: nowMs - 60_000,
    hasLedger: true,
    partitions,
    sinks: [{ ...sink, ...state }],
    seeds: [],
    closed: [],
    findings,
    accepted: [],
    sequenceGaps: [],
  };
}
