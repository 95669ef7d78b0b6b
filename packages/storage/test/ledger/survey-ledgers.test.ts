import { expect, it } from 'vitest';
import { formatKey } from '../../src/keys/format-key';
import { describeFinding } from '../../src/ledger/findings';
import { surveyLedgers } from '../../src/ledger/survey-ledgers';
import { Bucket, hour, minute, ScriptedSink, site6, startMs, uuid } from './bucket';

const sinkA = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const sinkB = '6d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';

/** Three days of a sink that stores a file and says so every hour; it is still alive at the end. */
async function threeDays(): Promise<{ bucket: Bucket; sink: ScriptedSink; endMs: number }> {
  const bucket = new Bucket();
  const sink = new ScriptedSink(bucket, sinkA);
  const endMs = startMs + 60 * hour;
  for (let ms = startMs; ms <= endMs; ms += hour) {
    sink.store(ms - minute);
    await sink.say(ms);
  }
  return { bucket, sink, endMs };
}

async function survey(bucket: Bucket, nowMs: number, options = {}) {
  const { findings, ...rest } = await surveyLedgers(bucket, { nowMs, ...options });
  return { ...rest, findings, lines: findings.map(describeFinding) };
}

it('a backup that holds what its ledgers name has no findings, and past days are read with one heartbeat each', async () => {
  const { bucket, endMs } = await threeDays();
  const { findings, sinks, withoutLedger } = await survey(bucket, endMs + minute);
  expect(findings).toEqual([]);
  expect(withoutLedger).toEqual([]);
  expect(sinks).toMatchObject([{ sink: sinkA, firstMs: startMs, lastMs: endMs, isClosed: false }]);
  expect(bucket.read.filter((key) => key.includes('/20261127/'))).toHaveLength(1);
});

it('a lost day is one finding, with its times and lines', async () => {
  const { bucket, endMs } = await threeDays();
  for (const key of bucket.objects.keys())
    if (key.startsWith('influxdb-0/site_6/rp/20261127/')) bucket.objects.delete(key);
  const { findings, lines } = await survey(bucket, endMs);
  expect(findings).toMatchObject([{ kind: 'lost', partition: site6, files: 24, lines: 2_400 }]);
  expect(lines).toEqual(['24 files missing from site_6.rp, 2026-11-26 23:59 to 2026-11-27 23:59 UTC (2,400 lines)']);
});

it('files lost days apart are findings of their own, and so is one with another size', async () => {
  const { bucket, sink, endMs } = await threeDays();
  const files = [...sink.byDay.values()].flat();
  bucket.objects.delete(files[3]?.key ?? '');
  bucket.objects.delete(files.at(-1)?.key ?? '');
  bucket.put(files[30]?.key ?? '', Buffer.from('cut'), endMs);
  const { lines } = await survey(bucket, endMs);
  expect(lines).toEqual([
    '1 file missing from site_6.rp, 2026-11-26 13:59 to 2026-11-26 14:59 UTC (100 lines)',
    '1 file of site_6.rp changed in size after it was stored, 2026-11-27 16:59 to 2026-11-27 17:59 UTC (100 lines)',
    '1 file missing from site_6.rp, 2026-11-28 22:59 to 2026-11-28 23:59 UTC (100 lines)',
  ]);
});

it('a file that lifecycle rules have removed is not missed', async () => {
  const { bucket, sink, endMs } = await threeDays();
  bucket.objects.delete(sink.byDay.get('20261126')?.[0]?.key ?? '');
  expect((await survey(bucket, endMs)).findings).toHaveLength(1);
  expect((await survey(bucket, endMs, { keepMs: 48 * hour })).findings).toEqual([]);
});

it('a sink that says nothing when it was due is silent, unless it was closed or is retired', async () => {
  const { bucket, sink, endMs } = await threeDays();
  expect((await survey(bucket, endMs + 5 * minute)).findings).toEqual([]);
  const later = endMs + 2 * hour;
  expect((await survey(bucket, later)).lines).toEqual([
    `sink ${sinkA} of influxdb-0 is silent: its heartbeat was due at 2026-11-29 00:05 UTC; what it acked after 2026-11-28 23:59 UTC is not vouched for`,
  ]);
  expect((await survey(bucket, later, { retired: new Set([sinkA]) })).findings).toEqual([]);
  await sink.say(endMs + minute, { isLast: true });
  expect((await survey(bucket, later)).findings).toEqual([]);
});

it('a sink that begins while ledgers are read is known, and a file that no ledger names stays found', async () => {
  const { bucket, sink, endMs } = await threeDays();
  await sink.say(endMs, { isLast: true });
  const begun = new ScriptedSink(bucket, sinkB);
  const { list } = bucket;
  let isFirst = true;
  bucket.list = async function* (prefix, options) {
    yield* list.call(bucket, prefix, options);
    if (!isFirst || !prefix.startsWith('~heartbeat/')) return;
    isFirst = false;
    begun.store(endMs + minute);
    await begun.say(endMs + minute);
  };
  const vouchings: string[] = [];
  const listed = (_: unknown, __: unknown, vouching: string) => vouchings.push(vouching);
  const { findings, withoutLedger } = await survey(bucket, endMs + minute, { listed });
  expect({ findings, withoutLedger }).toEqual({ findings: [], withoutLedger: [] });
  expect(vouchings.filter((vouching) => vouching !== 'named')).toEqual(['young']);

  await begun.say(endMs + 2 * minute, { isLast: true });
  bucket.put(formatKey({ ...site6, day: '20261129', id: uuid(endMs) }), Buffer.from('planted'), endMs + 2 * minute);
  expect((await survey(bucket, endMs + 2 * minute, { listed })).findings).toMatchObject([
    { kind: 'unvouched', files: 1 },
  ]);
  expect(vouchings.at(-1)).toBe('unvouched');
});

it('new files that no ledger names are all counted, however many there are', async () => {
  const { bucket, sink, endMs } = await threeDays();
  await sink.say(endMs, { isLast: true });
  for (let n = 0; n < 1_100; n += 1) {
    bucket.put(formatKey({ ...site6, day: '20261129', id: uuid(endMs) }), Buffer.from('planted'), endMs + minute);
  }
  expect((await survey(bucket, endMs + minute)).findings).toMatchObject([{ kind: 'unvouched', files: 1_100 }]);
});

it('the clock of the storage decides when a sink is due, whatever the clock of its host says', async () => {
  for (const skewMs of [-3 * hour, 3 * hour]) {
    const bucket = new Bucket();
    const sink = new ScriptedSink(bucket, sinkA);
    await sink.say(startMs, { skewMs });
    expect((await survey(bucket, startMs + 5 * minute)).findings).toEqual([]);
    expect((await survey(bucket, startMs + 7 * minute)).findings).toMatchObject([
      { kind: 'silent', dueMs: startMs + 5 * minute, storedUpToMs: startMs - minute },
    ]);
  }
});

it('how long a heartbeat took to be stored makes nothing stored that was acked while it was on its way', async () => {
  for (const skewMs of [-3 * hour, 0, 3 * hour]) {
    const bucket = new Bucket();
    const sink = new ScriptedSink(bucket, sinkA);
    await sink.say(startMs, { skewMs });
    // Created 10 minutes after it was made.
    await sink.say(startMs + hour, { skewMs: skewMs - 10 * minute });
    const { sinks } = await survey(bucket, startMs + hour);
    expect(sinks).toMatchObject([{ storedUpToMs: startMs + hour - 11 * minute, lastMs: startMs + hour }]);
  }
});

it('a sink whose clock is set back has stored what it said, as of its heartbeat before that', async () => {
  const bucket = new Bucket();
  const sink = new ScriptedSink(bucket, sinkA);
  await sink.say(startMs);
  await sink.say(startMs + 4 * minute, { skewMs: -3 * hour });
  const { sinks } = await survey(bucket, startMs + 4 * minute);
  expect(sinks).toMatchObject([{ storedUpToMs: startMs - minute, dueMs: startMs + 9 * minute }]);
});

it('what a spool held for long is late, until the storage holds it', async () => {
  const bucket = new Bucket();
  const sink = new ScriptedSink(bucket, sinkA);
  const keyOf = (n: number) => formatKey({ ...site6, day: '20261126', id: uuid(startMs - n) });
  const pending = [
    { state: 'open', key: keyOf(3), sinceMs: startMs - 3 * hour },
    { state: 'spooled', key: keyOf(2), sinceMs: startMs - 2 * hour },
    { state: 'spooled', key: keyOf(1), sinceMs: startMs - minute },
    { state: 'parked', key: keyOf(0), sinceMs: startMs - minute },
  ] as const;
  await sink.say(startMs, { pending });
  const { lines, sinks } = await survey(bucket, startMs);
  expect(lines).toEqual([
    `2 files of influxdb-0 still in the spool of sink ${sinkA}, since 2026-11-26 10:00 UTC; the storage refuses 1 of them`,
  ]);
  expect(sinks).toMatchObject([{ open: 1, spooled: 2, parked: 1 }]);
  for (const { key } of pending) bucket.put(key, Buffer.from('stored'), startMs + minute);
  expect((await survey(bucket, startMs + minute)).findings).toEqual([]);
});

it('a file that no ledger names is not vouched for, once the heartbeat is there that should name it', async () => {
  const { bucket, sink, endMs } = await threeDays();
  const stray = new ScriptedSink(bucket, sinkB); // it stores, and never says so
  stray.store(endMs + 3 * minute);
  expect((await survey(bucket, endMs + 4 * minute)).findings).toEqual([]);
  await sink.say(endMs + 6 * minute);
  const { findings, lines } = await survey(bucket, endMs + 7 * minute);
  expect(findings).toMatchObject([{ kind: 'unvouched', name: 'unvouched/influxdb-0/site_6/rp/20261129' }]);
  expect(lines).toEqual(['1 file of site_6.rp that no ledger names, 2026-11-29']);
});

it('a bucket without any ledger vouches for nothing', async () => {
  const bucket = new Bucket();
  new ScriptedSink(bucket, sinkA).store(startMs);
  const { findings, withoutLedger } = await survey(bucket, startMs);
  expect(withoutLedger).toEqual(['influxdb-0']);
  expect(findings).toMatchObject([{ kind: 'unvouched', files: 1 }]);
});

it('heartbeats that were removed from between others leave a gap, and files that only they named are not vouched for', async () => {
  const { bucket, endMs } = await threeDays();
  for (const key of bucket.objects.keys()) if (key.includes(`/${sinkA}/20261127/`)) bucket.objects.delete(key);
  const { lines } = await survey(bucket, endMs);
  expect(lines).toEqual([
    `heartbeats of sink ${sinkA} of influxdb-0 are missing, from 2026-11-27 00:00 UTC to 2026-11-28 00:00 UTC: no ledger vouches for files of that time`,
    '24 files of site_6.rp that no ledger names, 2026-11-27',
  ]);
});

it('a ledger whose first heartbeats have expired has no gap', async () => {
  const { bucket, endMs } = await threeDays();
  for (const key of bucket.objects.keys()) if (key.includes('/20261126/')) bucket.objects.delete(key);
  expect((await survey(bucket, endMs)).findings).toEqual([]);
});

it('a heartbeat that is cut is named, and the day is read from the others', async () => {
  const { bucket, endMs } = await threeDays();
  const whole = [...bucket.objects.keys()].filter((key) => key.includes(`/${sinkA}/20261127/`)).at(-1) ?? '';
  const object = bucket.objects.get(whole);
  if (object !== undefined) object.bytes = object.bytes.subarray(0, 100);
  const { findings } = await survey(bucket, endMs);
  // The file that was recorded after the last of the day's other heartbeats was named in this one alone.
  expect(findings).toMatchObject([
    { kind: 'untrusted', code: 'HEARTBEAT_CUT', key: whole },
    { kind: 'unvouched', files: 1 },
  ]);
});

it('a selection hides what is not selected, and one instance does not see another', async () => {
  const { bucket, endMs } = await threeDays();
  const other = new ScriptedSink(bucket, sinkB, 'influxdb-1');
  const lost = other.store(endMs, { instance: 'influxdb-1', database: 'other' });
  await other.say(endMs);
  bucket.objects.delete(lost.key);
  expect((await survey(bucket, endMs)).findings).toHaveLength(1);
  expect((await survey(bucket, endMs, { instance: 'influxdb-0' })).findings).toEqual([]);
  const select = ({ database }: { readonly database: string }) => database !== 'other';
  expect((await survey(bucket, endMs, { select })).findings).toEqual([]);
});
