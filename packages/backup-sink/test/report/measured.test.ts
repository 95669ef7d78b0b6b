import { rm } from 'node:fs/promises';
import { MemoryStorage, type ObjectWriter, StorageError } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { type BackupSinkOptions, sinkMetrics } from '../../src/index';
import { errorOf, impatientClock, line, openSink, raw, to, until } from '../sink-harness';

/** Returns the value of each sample without labels. */
function valuesOf(text: string): Readonly<Record<string, number>> {
  const samples = text.split('\n').filter((one) => one.startsWith('ceres_sink_'));
  return Object.fromEntries(
    samples.map((one) => [one.split(' ')[0]?.slice('ceres_sink_'.length), Number(one.split(' ')[1])]),
  );
}

/** Returns a storage whose first puts have these outcomes; it stores the next ones. */
function failing(...outcomes: readonly ('exists' | StorageError)[]): ObjectWriter {
  const storage = new MemoryStorage();
  const left = [...outcomes];
  return {
    put: async (...args) => {
      const outcome = args[0].startsWith('~') ? undefined : left.shift();
      if (outcome === undefined) return await storage.put(...args);
      if (outcome === 'exists') return 'exists';
      throw outcome;
    },
  };
}

const away = new StorageError('UNAVAILABLE', 'no network');
const events = ['retries', 'refusals', 'disk_failures', 'full', 'heartbeat_failures', 'renamed_files'];

async function measured(options: Partial<BackupSinkOptions> = {}) {
  const { sink, spoolDir } = await openSink({ clock: impatientClock, ...options });
  const metrics = sinkMetrics(sink);
  /** Returns how often each event was counted that was. */
  const counted = () => {
    const values = valuesOf(metrics.text());
    return Object.fromEntries(events.map((name) => [name, values[`${name}_total`]]).filter(([, value]) => value !== 0));
  };
  return { sink, spoolDir, metrics, counted, values: () => valuesOf(metrics.text()) };
}

describe('the metrics of a sink', () => {
  it('count nothing before something fails', async () => {
    const { sink, counted, values } = await measured();
    await sink.write(to, raw(1));
    await sink.flush();
    expect(counted()).toEqual({});
    expect(values().lost).toBe(0);
  });

  it('count each attempt that is repeated', async () => {
    const { sink, counted } = await measured({ storage: failing(away, away, away) });
    await sink.write(to, raw(1));
    await sink.flush();
    expect(counted()).toEqual({ retries: 3 });
  });

  it('count files that were stored under another name', async () => {
    const { sink, counted } = await measured({ storage: failing('exists') });
    await sink.write(to, raw(1));
    await sink.flush();
    expect(counted()).toEqual({ renamed_files: 1 });
  });

  it('count failures of the disk', async () => {
    const disk = new FaultyDisk(randomFrom(1));
    const { sink, counted } = await measured({ fs: new FaultyFs(disk), spoolDir: '/spool' });
    disk.fault = ({ operation }) => (operation === 'datasync' ? { kind: 'EIO' } : undefined);
    await errorOf(sink.write(to, raw(1, 2)));
    expect(counted()).toMatchObject({ disk_failures: expect.any(Number) });
    expect(Object.keys(counted())).toEqual(['disk_failures']);
  });

  it('count the times that the spool became full, and say what it holds', async () => {
    const full = { spoolBytesMax: 4_096, segmentBytesMax: 1_024, onSpoolFull: 'reject' } as const;
    const put: ObjectWriter['put'] = () => new Promise(() => undefined);
    const { sink, counted, values } = await measured({ ...full, storage: { put } });
    const lines = line(1, `v="${'x'.repeat(2_500)}"`);
    await sink.write(to, { lines, precision: 's' });
    await errorOf(sink.write(to, { lines, precision: 's' }));
    expect(counted()).toEqual({ full: 1 });
    const {
      spooled_bytes: bytes = 0,
      unstored_files: unstored,
      parked_files: parked,
      accepted_bytes_total: accepted,
    } = values();
    expect([bytes > 2_500, unstored, parked, accepted]).toEqual([
      true,
      1,
      0,
      Buffer.byteLength(`${lines.trimEnd()}\n`),
    ]);
  });

  it('count the times that heartbeats began to fail', async () => {
    const fail = (_call: string, key: string) =>
      key.startsWith('~heartbeat/') ? new StorageError('DENIED', 'no permission') : undefined;
    const { sink, counted } = await measured({ heartbeatMs: 1, storage: new MemoryStorage({ fail }) });
    await sink.write(to, raw(1));
    await sink.flush();
    await until(() => Object.keys(counted()).length > 0);
    expect(counted()).toEqual({ heartbeat_failures: 1 });
  });

  it('say that another sink owns the spool', async () => {
    const { sink, spoolDir, values } = await measured({});
    await rm(spoolDir, { recursive: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_600); // stands still for longer than its lease
    await errorOf(sink.write(to, raw(1)));
    await until(() => values().lost === 1);
  });

  it('say how old the oldest line is that is not stored, in seconds of its clock, and when the last file was', async () => {
    const clock = { nowMs: Date.UTC(2026, 10, 26), waiting: new Promise<void>(() => undefined) };
    const { sink, values } = await measured({ clock: { now: () => clock.nowMs, sleep: () => clock.waiting } });
    await sink.write(to, raw(1));
    clock.nowMs += 90_000;
    expect(values().oldest_unstored_seconds).toBe(90);
    await sink.flush();
    expect(values().oldest_unstored_seconds).toBe(0);
    const first = values().stored_timestamp_seconds ?? 0;
    await until(() => Date.now() / 1_000 > first);
    await sink.write(to, raw(2));
    await sink.flush();
    expect(values().stored_timestamp_seconds).toBeGreaterThan(first);
  });

  it('count records that were put in quarantine', async () => {
    const { sink, values } = await measured({ onInvalid: 'quarantine' });
    await sink.write(to, { lines: `${line(1)}no fields\nnone\n`, precision: 's' });
    expect(values().accepted_lines_total).toBe(1);
    expect(values().quarantined_lines_total).toBe(2);
  });

  it('are counters if they only grow, and gauges otherwise', async () => {
    const { metrics } = await measured();
    const typed = [...metrics.text().matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type]) => [name, type]);
    expect(typed.length).toBeGreaterThan(12);
    for (const [name = '', type] of typed)
      expect([name, type]).toEqual([name, /_total$/.test(name) ? 'counter' : 'gauge']);
    expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const metric of metrics.metrics) {
      metric.reset(); // as `registry.resetMetrics()` does
      expect(metric.aggregator).toBe('sum');
    }
  });

  it('have at most twenty labels, as they were when the sink was measured', async () => {
    const { sink } = await openSink();
    const labelsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`l${n}`, 'x']));
    const labels = labelsOf(20);
    const metrics = sinkMetrics(sink, { labels });
    labels.l0 = 'y';
    expect(metrics.text()).toContain('ceres_sink_lost{l0="x",');
    const refused = expect.objectContaining({ code: 'INVALID_OPTIONS' });
    expect(() => sinkMetrics(sink, { labels: labelsOf(21) })).toThrow(refused);
  });
});
