import { afterEach, expect, it, vi } from 'vitest';
import { Bucket, hour, minute, ScriptedSink } from '../../../storage/test/ledger/bucket';
import { createMetrics } from '../../src/index';
import { gappy, healthy, type Looked, putDrill } from '../report/backups';
import { drillOf } from '../support/certificate';

afterEach(() => void vi.useRealTimers());

async function textOf({ storage, nowMs }: Looked): Promise<string> {
  vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
  return await createMetrics({ storage });
}

/** Returns the value of a sample by its name and labels. */
function numberOf(text: string, sample: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1));
}

it('metrics of a healthy backup say that it is good, up to when, and when it was drilled', async () => {
  const looked = await healthy({ days: 10 });
  const text = await textOf(looked);
  const seconds = looked.nowMs / 1000;
  expect(numberOf(text, 'ceres_backup_good{instance="influxdb-0"}')).toBe(1);
  expect(numberOf(text, 'ceres_backup_stored_up_to_timestamp_seconds{instance="influxdb-0"}')).toBe(seconds - 180);
  expect(numberOf(text, 'ceres_backup_heartbeat_timestamp_seconds{instance="influxdb-0"}')).toBe(seconds - 120);
  expect(numberOf(text, 'ceres_backup_findings{instance="influxdb-0",kind="lost"}')).toBe(0);
  expect(numberOf(text, 'ceres_backup_records{instance="influxdb-0",database="site_6"}')).toBeGreaterThan(1_000);
  expect(numberOf(text, 'ceres_drill_passed{instance="influxdb-0"}')).toBe(1);
  expect(numberOf(text, 'ceres_drill_passed_timestamp_seconds{instance="influxdb-0"}')).toBe(seconds - 86_400);
  expect(numberOf(text, 'ceres_drill_recovery_seconds{instance="influxdb-0"}')).toBe(10);
  expect(numberOf(text, 'ceres_metrics_timestamp_seconds')).toBe(seconds);
});

it('metrics of a backup with gaps count what is wrong by kind', async () => {
  const text = await textOf(await gappy());
  expect(numberOf(text, 'ceres_backup_good{instance="influxdb-0"}')).toBe(0);
  for (const kind of ['lost', 'resized', 'late', 'silent', 'unvouched']) {
    expect(numberOf(text, `ceres_backup_findings{instance="influxdb-0",kind="${kind}"}`), kind).toBeGreaterThan(0);
  }
  expect(numberOf(text, 'ceres_backup_spooled_files{instance="influxdb-0",state="parked"}')).toBe(1);
  expect(numberOf(text, 'ceres_drill_passed{instance="influxdb-0"}')).toBe(0);
});

it('an instance that was never drilled has no time of a drill, and its last PASS is at 0', async () => {
  const looked = await healthy({ days: 2 });
  for (const key of [...looked.storage.objects.keys()])
    if (key.startsWith('~drills')) looked.storage.objects.delete(key);
  const text = await textOf(looked);
  expect(text).not.toContain('ceres_drill_timestamp_seconds');
  expect(numberOf(text, 'ceres_drill_passed_timestamp_seconds{instance="influxdb-0"}')).toBe(0);
  putDrill(looked.storage, 1, { began: new Date(looked.nowMs - hour).toISOString(), verdict: 'FAIL' });
  expect(numberOf(await createMetrics({ storage: looked.storage }), 'ceres_drill_passed{instance="influxdb-0"}')).toBe(
    0,
  );
});

it('names of any kind are valid and distinct labels, and the number of samples has a bound', async () => {
  const storage = new Bucket();
  const hostile = ['<script>', '"', '\\', 'a\u0000b', 'a\u202eb', '{}', "'"];
  const long = ['x'.repeat(200), `${'x'.repeat(199)}y`];
  for (const [n, instance] of [...hostile, ...long, ...Array.from({ length: 120 }, (_, i) => `i-${i}`)].entries()) {
    const sink = new ScriptedSink(storage, `5d0c7b5e-9f1e-4c7a-8a4e-${n.toString(16).padStart(12, '0')}`, instance);
    const databases = n > 0 ? ['db'] : [...hostile, ...long, ...Array.from({ length: 150 }, (_, i) => `db_${i}`)];
    for (const database of databases) sink.store(Date.UTC(2026, 10, 26) - minute, { instance, database });
    await sink.say(Date.UTC(2026, 10, 26));
  }
  const text = await textOf({ storage, nowMs: Date.UTC(2026, 10, 26) + minute });
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const valid =
    /^[a-z_]+(\{[a-z_]+="(?:[^"\\\n\p{Cc}\p{Cf}]|\\["\\])*"(?:,[a-z_]+="(?:[^"\\\n\p{Cc}\p{Cf}]|\\["\\])*")*\})? [\d.e+-]+$/u;
  for (const line of samples) expect(line).toMatch(valid);
  const names = samples.map((line) => line.slice(0, line.lastIndexOf(' ')));
  expect(new Set(names).size).toBe(names.length);
  expect(samples.length).toBeLessThan(5_000);
  expect(text).toContain('ceres_backup_instances 129');
  expect(text).toContain('others)"} ');
});

it('metrics sum up the smallest databases, name the sink that was silent for longest, and count closed sinks', async () => {
  const storage = new Bucket();
  const atMs = Date.UTC(2026, 10, 26);
  const id = (n: number) => `5d0c7b5e-9f1e-4c7a-8a4e-${String(n).padStart(12, '0')}`;
  const [early, late, closed] = [1, 2, 3].map((n) => new ScriptedSink(storage, id(n), 'i')) as [
    ScriptedSink,
    ScriptedSink,
    ScriptedSink,
  ];
  early.store(atMs - 3 * minute, { instance: 'i', database: 'large' });
  for (let n = 0; n < 10; n += 1) early.store(atMs - n * minute, { instance: 'i', database: 'large' });
  for (let n = 0; n < 101; n += 1) early.store(atMs, { instance: 'i', database: `small_${n}` });
  await early.say(atMs);
  await late.say(atMs + 5 * minute);
  await closed.say(atMs, { isLast: true });
  putDrill(storage, 1, { instance: 'i', began: new Date(atMs - 2 * hour).toISOString() });
  const slow = { ...drillOf().recovery, seconds: 99 };
  putDrill(storage, 2, { instance: 'i', began: new Date(atMs - hour).toISOString(), verdict: 'FAIL', recovery: slow });
  storage.put('~drills/i/20261125/00000000-0000-4000-8000-000000000009.json', Buffer.from('{}'), atMs);
  const text = await textOf({ storage, nowMs: atMs + 6 * minute });
  expect(numberOf(text, 'ceres_backup_files{instance="i",database="large"}')).toBe(11);
  expect(numberOf(text, 'ceres_backup_files{instance="i",database="(2 others)"}')).toBe(2);
  expect(numberOf(text, 'ceres_backup_heartbeat_timestamp_seconds{instance="i"}')).toBe(atMs / 1_000);
  expect(numberOf(text, 'ceres_backup_sinks{instance="i",state="open"}')).toBe(2);
  expect(numberOf(text, 'ceres_backup_sinks{instance="i",state="closed"}')).toBe(1);
  expect(numberOf(text, 'ceres_drill_recovery_seconds{instance="i"}')).toBe(10);
  expect(numberOf(text, 'ceres_drill_refused_certificates{instance="i"}')).toBe(1);
});

it('refuses an option that it does not know', async () => {
  await expect(createMetrics({ storage: new Bucket(), goalMs: 1 } as never)).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
  });
});
