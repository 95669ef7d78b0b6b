import { describe, expect, it } from 'vitest';
import { describeFinding } from '../../src/ledger/findings';
import { surveyLedgers } from '../../src/ledger/survey-ledgers';
import { encodeSeedManifest } from '../../src/seed/encode-manifest';
import type { SeedManifest } from '../../src/seed/manifest';
import { seedFileId, seedManifestKey } from '../../src/seed/seed-key';
import { Bucket, hour, minute, ScriptedSink, site6, startMs, uuid } from './bucket';

const sinkId = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const endMs = startMs + 6 * hour;
const partition = {
  database: 'site_6',
  retentionPolicy: 'rp',
  isDefault: true,
  lines: 1,
  firstNs: 0n,
  lastNs: 1n,
  digest: '00',
};

/** A bucket that lost the file of its third hour, and a later seed whose names are of `namesMs`. */
async function withGap(namesMs: number, changed: Partial<SeedManifest> = {}): Promise<Bucket> {
  const bucket = new Bucket();
  const sink = new ScriptedSink(bucket, sinkId);
  for (let ms = startMs; ms <= endMs; ms += hour) {
    sink.store(ms - minute);
    await sink.say(ms);
  }
  bucket.objects.delete([...sink.byDay.values()].flat()[2]?.key ?? '');
  const id = uuid(endMs);
  const day = new Date(namesMs).toISOString().slice(0, 10).replaceAll('-', '');
  const key = `influxdb-0/site_6/rp/${day}/${seedFileId(namesMs, 0, 0)}.gz`;
  bucket.put(key, Buffer.from('content'), endMs);
  const file = { key, bytes: 7, digest: 'XUFAKrxLKna5cZ2REBfFkg==', lines: 1, firstNs: 0n, lastNs: 1n };
  const manifest: SeedManifest = {
    id,
    instance: site6.instance,
    source: 'snapshot',
    takenMs: endMs,
    again: true,
    selection: {},
    partitions: [partition],
    shards: [],
    files: [file],
    losses: [],
    ...changed,
  };
  bucket.put(seedManifestKey(site6.instance, id), await encodeSeedManifest(manifest), endMs);
  return bucket;
}

const survey = (bucket: Bucket) => surveyLedgers(bucket, { nowMs: endMs + minute });

describe('a seed', () => {
  it('closes a gap whose names lie before its own', async () => {
    const { findings, closed } = await survey(await withGap(endMs - hour));
    expect(findings).toEqual([]);
    expect(closed.map(describeFinding)).toEqual([
      '1 file missing from site_6.rp, 2026-11-26 12:59 to 2026-11-26 13:59 UTC (100 lines)',
    ]);
  });

  const inGap = BigInt(startMs + 1.5 * hour) * 1_000_000n;
  const beforeGap = BigInt(startMs) * 1_000_000n;
  const afterGap = BigInt(startMs + 3 * hour) * 1_000_000n;

  it('closes a gap in the times that it covers', async () => {
    const bucket = await withGap(endMs - hour, { selection: { fromNs: beforeGap, toNs: afterGap } });
    expect((await survey(bucket)).findings).toEqual([]);
  });

  it.each<[string, number, Partial<SeedManifest>]>([
    ['whose names lie before those of the gap', startMs, {}],
    ['of another policy', endMs - hour, { partitions: [{ ...partition, retentionPolicy: 'other' }] }],
    ['of another database', endMs - hour, { partitions: [{ ...partition, database: 'other' }] }],
    ['of some measurements', endMs - hour, { selection: { measurements: ['m'] } }],
    ['that begins within the gap', endMs - hour, { selection: { fromNs: inGap } }],
    ['that ends within the gap', endMs - hour, { selection: { toNs: inGap } }],
    ['that could not read everything', endMs - hour, { losses: ['a block'] }],
  ])('%s leaves the gap open', async (_, namesMs, changed) => {
    const { findings, closed } = await survey(await withGap(namesMs, changed));
    expect(findings).toMatchObject([{ kind: 'lost', files: 1, lines: 100 }]);
    expect(closed).toEqual([]);
  });

  it('closes a gap in an earlier seed', async () => {
    const bucket = await withGap(endMs - hour);
    const namesMs = Date.UTC(2000, 0, 1);
    const key = `influxdb-0/site_6/rp/20000101/${seedFileId(namesMs, 0, 0)}.gz`;
    const id = uuid(startMs);
    const file = { key, bytes: 7, digest: 'XUFAKrxLKna5cZ2REBfFkg==', lines: 3, firstNs: 0n, lastNs: 1n };
    const manifest = { id, instance: site6.instance, source: 'snapshot', takenMs: startMs, again: false } as const;
    const rest = { selection: {}, partitions: [partition], shards: [], files: [file], losses: [] };
    const bytes = await encodeSeedManifest({ ...manifest, ...rest });
    bucket.put(seedManifestKey(site6.instance, id), bytes, startMs);
    const { findings, closed } = await survey(bucket);
    expect(findings).toEqual([]);
    expect(closed).toMatchObject([{ lines: 100 }, { kind: 'lost', files: 1, lines: 3 }]);
    const later = [...bucket.objects.keys()].filter((name) => name.startsWith('~seed/') && !name.includes(id));
    expect(later).toHaveLength(1);
    bucket.objects.delete(later[0] ?? '');
    const lost = (await survey(bucket)).findings.filter(({ kind }) => kind === 'lost');
    expect(lost).toMatchObject([{ lines: 100 }, { lines: 3 }]);
  });

  it('makes up for what was still in a spool that is lost', async () => {
    const bucket = new Bucket();
    const sink = new ScriptedSink(bucket, sinkId);
    const sinceMs = startMs - 2 * hour;
    const key = `influxdb-0/site_6/rp/20261126/${uuid(sinceMs)}.gz`;
    await sink.say(startMs, { pending: [{ state: 'parked', key, sinceMs }] });
    const options = { nowMs: startMs + hour, retired: new Set([sinkId]) };
    expect((await surveyLedgers(bucket, options)).findings).toMatchObject([{ kind: 'late' }]);
    for (const [name, object] of (await withGap(startMs - hour)).objects) {
      if (name.startsWith('~seed/') || name.includes('-8eed-')) bucket.objects.set(name, object);
    }
    expect((await surveyLedgers(bucket, options)).findings).toEqual([]);
  });
});
