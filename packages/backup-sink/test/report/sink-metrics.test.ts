import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import { BackupSink, sinkMetrics } from '../../src/index';

const to = { instance: 'influxdb-0', database: 'site_6', retentionPolicy: 'rp' };

async function sinkOf(storage: MemoryStorage): Promise<BackupSink> {
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-metrics-'));
  onTestFinished(() => rm(spoolDir, { recursive: true }));
  const sink = await BackupSink.open({ storage, spoolDir, precision: 's' });
  onTestFinished(async () => void (await sink.close({ timeoutMs: 0 })));
  return sink;
}

/** Returns the value of a sample by its name and labels. */
function numberOf(text: string, sample: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1));
}

it('measures what a sink has accepted and stored, and what waits', async () => {
  const sink = await sinkOf(new MemoryStorage());
  const metrics = sinkMetrics(sink, { labels: { sink: 'ingest "1"' } });
  const label = '{sink="ingest \\"1\\""}';
  expect(metrics.text()).not.toContain('ceres_sink_stored_timestamp_seconds');
  await sink.write(to, { lines: 'm v=1 1\nm v=2 2', precision: 's' });
  expect(numberOf(metrics.text(), `ceres_sink_accepted_lines_total${label}`)).toBe(2);
  expect(numberOf(metrics.text(), `ceres_sink_unstored_files${label}`)).toBe(1);
  await sink.flush();
  const text = metrics.text();
  expect(numberOf(text, `ceres_sink_stored_files_total${label}`)).toBe(1);
  expect(numberOf(text, `ceres_sink_unstored_files${label}`)).toBe(0);
  expect(Math.abs(numberOf(text, `ceres_sink_stored_timestamp_seconds${label}`) - Date.now() / 1000)).toBeLessThan(60);
});

it('counts what failed: refusals of the storage', async () => {
  const storage = new MemoryStorage();
  storage.put = async () => {
    throw new StorageError('DENIED', 'The storage refuses it.');
  };
  const sink = await sinkOf(storage);
  const metrics = sinkMetrics(sink);
  await sink.write(to, { lines: 'm v=1 1', precision: 's' });
  await expect(sink.flush()).rejects.toMatchObject({ code: 'PARKED' });
  expect(numberOf(metrics.text(), 'ceres_sink_refusals_total')).toBeGreaterThan(0);
  expect(numberOf(metrics.text(), 'ceres_sink_parked_files')).toBe(1);
  expect(numberOf(metrics.text(), 'ceres_sink_lost')).toBe(0);
});

it('gives a registry of prom-client the same samples as its own text', async () => {
  const sink = await sinkOf(new MemoryStorage());
  const metrics = sinkMetrics(sink, { labels: { sink: 'a\\b\n"c"' } });
  await sink.write(to, { lines: 'm v=1 1', precision: 's' });
  await sink.flush();
  const registry = new Registry();
  for (const metric of metrics.metrics) registry.registerMetric(metric as never);
  const linesOf = (text: string) =>
    text.split('\n').filter((line) => line.startsWith('# TYPE') || /^ceres_\w+/.test(line));
  const names = (text: string) => linesOf(text).map((line) => line.replace(/\{.*\}/, ''));
  expect(names(await registry.metrics())).toEqual(names(metrics.text()));
  expect(await registry.metrics()).toContain('ceres_sink_stored_files_total{sink="a\\\\b\\n\\"c\\""} 1');
});

it('refuses labels that Prometheus refuses, and what is no sink', async () => {
  const sink = await sinkOf(new MemoryStorage());
  const refused = expect.objectContaining({ code: 'INVALID_OPTIONS' });
  for (const labels of [{ 'a-b': 'x' }, { '': 'x' }, { __name__: 'x' }, { '<script>': 'x' }, { a: 1 }, null]) {
    expect(() => sinkMetrics(sink, { labels: labels as never })).toThrow(refused);
  }
  expect(() => sinkMetrics(sink, { label: {} } as never)).toThrow(refused);
  expect(() => sinkMetrics({} as never)).toThrow(refused);
});
