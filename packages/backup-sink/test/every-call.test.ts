import { MemoryStorage } from '@ceres/storage';
import { FaultyDisk, FaultyFs, type FsFault, type FsOperation, randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { auditLedger, readLedger } from '../campaign/model/read-ledger';
import { BackupSink } from '../src/index';
import { impatientClock, raw, storedNumbers, storedTexts, to } from './sink-harness';

const options = {
  spoolDir: '/var/spool',
  precision: 's',
  segmentBytesMax: 1024,
  gzipLevel: 1,
  clock: impatientClock,
} as const;

interface Run {
  readonly disk: FaultyDisk;
  readonly storage: MemoryStorage;
  readonly acked: number[];
}

/** Returns whether a fault does anything to this call: only a write can be cut short. */
function isAffected(operation: FsOperation, { kind }: FsFault): boolean {
  return kind !== 'short' || operation === 'write';
}

/** Opens on what an earlier run left, writes into two partitions, seals by size, flushes, closes. */
async function scenario(fault: FsFault, k: number): Promise<Run> {
  const disk = new FaultyDisk(randomFrom(k));
  const storage = new MemoryStorage();
  const acked: number[] = [];
  const write = async (sink: BackupSink, first: number) => {
    const numbers = Array.from({ length: 30 }, (_, i) => first + i);
    const writes = [raw(...numbers.slice(0, 10)), raw(...numbers.slice(10, 20)), raw(...numbers.slice(20))];
    const outcomes = await Promise.allSettled(writes.map((data) => sink.write(to, data)));
    outcomes.forEach(({ status }, i) => {
      if (status === 'fulfilled') acked.push(...numbers.slice(10 * i, 10 * i + 10));
    });
  };

  const left = await BackupSink.open({ ...options, storage, fs: new FaultyFs(disk) });
  await write(left, 0);
  disk.kill();

  let met = 0;
  disk.fault = ({ operation }) => (isAffected(operation, fault) && ++met === k ? fault : undefined);
  const sink = await open(disk, storage);
  if (sink !== undefined) {
    await write(sink, 100);
    await write(sink, 200);
    await sink.flush().catch(() => undefined);
    await sink.close({ timeoutMs: 200 });
  }
  disk.crash();
  disk.fault = undefined;
  const last = await BackupSink.open({ ...options, storage, fs: new FaultyFs(disk) });
  await last.flush();
  await last.close();
  return { disk, storage, acked };
}

async function open(disk: FaultyDisk, storage: MemoryStorage): Promise<BackupSink | undefined> {
  try {
    return await BackupSink.open({ ...options, storage, fs: new FaultyFs(disk) });
  } catch {
    return undefined;
  }
}

describe.each<[FsFault, number]>([
  [{ kind: 'ENOSPC' }, 60],
  [{ kind: 'ENOSPC', done: 1 }, 60],
  [{ kind: 'EIO' }, 60],
  [{ kind: 'EIO', done: 1 }, 60],
  [{ kind: 'short', done: 0.5 }, 16],
])('when one call to the disk fails with %o, whichever it is', (fault, leastCalls) => {
  it('everything that was acked reaches the storage, in order and whole, and the spool is empty in the end', async () => {
    let calls = 0;
    for (let isPast = false; !isPast; calls += atOnce) {
      const group = Array.from({ length: atOnce }, (_, i) => calls + 1 + i);
      const faults = await Promise.all(group.map((k) => faultsOf(fault, k)));
      isPast = faults.includes(0);
    }
    expect(calls).toBeGreaterThan(leastCalls);
  });
});

/** Most of their time, the sinks wait for a clock. */
const atOnce = 16;

/** Runs the scenario with a fault at the k-th call, and checks what is left. Resolves with 0 if there is no such call. */
async function faultsOf(fault: FsFault, k: number): Promise<number> {
  const { disk, storage, acked } = await scenario(fault, k);
  const stored = await storedNumbers(storage);
  expect(
    acked.filter((n) => !stored.includes(n)),
    `k=${k}`,
  ).toEqual([]);
  expect(lastOccurrences(stored), `k=${k}`).toEqual([...new Set(stored)].sort((a, b) => a - b));
  expect(auditLedger(await readLedger(storage), true), `k=${k}`).toEqual([]);
  for (const text of (await storedTexts(storage)).values()) expect(text, `k=${k}`).toContain('\n# CERES-END: ');
  expect(
    disk.files().filter((path) => !path.includes('~spool')),
    `k=${k}`,
  ).toEqual([]);
  return disk.faults;
}

function lastOccurrences(numbers: readonly number[]): number[] {
  return [...new Set(numbers.toReversed())].toReversed();
}
