import type { InstanceStatus, PartitionStatus } from '@ceres/restore';

export const dayMs = 86_400_000;
/** When somebody looks: noon of a Thursday. */
export const nowMs: number = Date.UTC(2026, 10, 26, 12);

/** Returns the state of an instance about which nothing is known but this. */
export function statusOf(more: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    instance: 'influxdb-0',
    isGood: true,
    storedUpToMs: nowMs - 60_000,
    hasLedger: true,
    partitions: [],
    sinks: [],
    seeds: [],
    closed: [],
    findings: [],
    accepted: [],
    sequenceGaps: [],
    ...more,
  };
}

/** Returns a partition of one file. */
export function partitionOf(more: Partial<PartitionStatus> = {}): PartitionStatus {
  return {
    database: 'db',
    retentionPolicy: 'rp',
    mixed: false,
    files: 1,
    bytes: 1,
    lines: 1,
    firstDay: '20261126',
    lastDay: '20261126',
    newestFileMs: nowMs,
    unvouchedFiles: 0,
    activity: { days: [], hours: [] },
    ...more,
  };
}

/** Returns what is known of a sink that runs. */
export function sinkOf(more: Partial<InstanceStatus['sinks'][number]> = {}): InstanceStatus['sinks'][number] {
  return {
    instance: 'influxdb-0',
    sink: '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11',
    firstMs: nowMs - 60_000,
    lastMs: nowMs - 60_000,
    storedUpToMs: nowMs - 60_000,
    dueMs: nowMs + 300_000,
    isClosed: false,
    open: 0,
    spooled: 0,
    parked: 0,
    ...more,
  };
}

/** Returns files of a partition that are lost, or not as they were stored. */
export function lostFiles(
  fromMs: number,
  toMs: number = fromMs,
  kind: 'lost' | 'resized' = 'lost',
  database = 'db',
): InstanceStatus['findings'][number] {
  const partition = { instance: 'influxdb-0', database, retentionPolicy: 'rp' };
  const times = { fromNs: BigInt(fromMs) * 1_000_000n, toNs: BigInt(toMs) * 1_000_000n };
  return { kind, name: `${kind}/${database}/${fromMs}`, partition, files: 1, lines: 1, ...times };
}
