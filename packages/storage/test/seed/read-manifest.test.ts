import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../src/memory-storage';
import { encodeSeedManifest } from '../../src/seed/encode-manifest';
import { seedLimits } from '../../src/seed/manifest';
import { readSeedManifest } from '../../src/seed/read-manifest';
import { seedManifestKey } from '../../src/seed/seed-key';
import { confirmed, file, id, instance, key, linesOf, manifest, readBack, takenMs } from './example';

const lines = await linesOf();
const [first = '', ...others] = lines;
const changed = (values: object) => JSON.stringify({ ...JSON.parse(first), ...values });
const partition = JSON.parse(others.find((line) => line.includes('"partition"')) ?? '');

describe('readSeedManifest', () => {
  it('returns what was written', async () => {
    expect(await readBack(await encodeSeedManifest(manifest))).toStrictEqual(manifest);
    const { server: _, ...whole } = { ...manifest, selection: {}, again: true, partitions: [], shards: [] };
    const bare = { ...whole, files: [], losses: [] };
    expect(await readBack(await encodeSeedManifest(bare))).toStrictEqual(bare);
  });

  it('says of too many losses how many there were, and cuts one that is too long', async () => {
    const losses = Array.from({ length: seedLimits.lossesMax + 5 }, () => 'lost').with(0, '\u0001'.repeat(5000));
    const read = await readBack(await encodeSeedManifest({ ...manifest, losses }));
    expect(read.losses).toHaveLength(seedLimits.lossesMax + 1);
    expect(read.losses[0]).toBe(`${'\u0001'.repeat(330)}…`);
    expect(read.losses.at(-1)).toBe('5 more could not be read');
  });

  it('ignores members that a later version may add', async () => {
    expect(await readBack(confirmed([changed({ new: 1 }), ...others]))).toStrictEqual(manifest);
  });

  it('believes nothing of a manifest that is cut anywhere', async () => {
    const whole = await encodeSeedManifest(manifest);
    for (let end = 0; end < whole.byteLength; end += 7) {
      await expect(readBack(whole.subarray(0, end))).rejects.toMatchObject({
        code: expect.stringMatching(/^SEED_(CUT|ALTERED)$/),
      });
    }
    const text = gunzipSync(whole).toString();
    for (let end = text.length - 1; end >= 0; end -= 37) {
      await expect(readBack(gzipSync(text.slice(0, end)))).rejects.toMatchObject({ code: 'SEED_CUT' });
    }
  });

  it('believes nothing of a manifest in which a byte was changed', async () => {
    const text = gunzipSync(await encodeSeedManifest(manifest));
    for (let at = 0; at < text.byteLength; at += 11) {
      const flipped = Buffer.from(text);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await expect(readBack(gzipSync(flipped))).rejects.toMatchObject({ code: expect.stringMatching(/^SEED_/) });
    }
  });

  it.each<[string, string, Buffer]>([
    ['text', 'SEED_ALTERED', Buffer.from('not gzip at all')],
    ['an empty object', 'SEED_CUT', Buffer.alloc(0)],
    ['a heartbeat', 'SEED_FOREIGN', confirmed(['{"ceres":"heartbeat"}'])],
    ['a line that is no JSON', 'SEED_FOREIGN', confirmed(['hello'])],
    ['a later format', 'SEED_NEWER', confirmed([changed({ format: 2 })])],
    ['an impossible format', 'SEED_ALTERED', confirmed([changed({ format: 'one' })])],
    ['another instance', 'SEED_FOREIGN', confirmed([changed({ instance: 'other' })])],
    ['another seed', 'SEED_FOREIGN', confirmed([changed({ id: id.replace('def', 'eed') })])],
    ['a source that is none', 'SEED_ALTERED', confirmed([changed({ source: 'tape' })])],
    ['a time that is none', 'SEED_ALTERED', confirmed([changed({ taken: '2026-13-30T12:00:00.000Z' })])],
    ['a time range that is none', 'SEED_ALTERED', confirmed([changed({ from: 5 })])],
    ['no word about again', 'SEED_ALTERED', confirmed([changed({ again: 'no' })])],
    ['a file of another instance', 'SEED_ALTERED', withFile({ key: file.key.replace(instance, 'other') })],
    ['a file without a name of ours', 'SEED_ALTERED', withFile({ key: 'passwd' })],
    ['a file that a sink still holds', 'SEED_ALTERED', withFile({ state: 'open', since: '2026-11-30T12:00:00.000Z' })],
    ['a file without a digest', 'SEED_ALTERED', withFile({ sizeBytes: undefined, md5: undefined })],
    ['a file without times', 'SEED_ALTERED', withFile({ from: undefined, to: undefined })],
    ['a partition without a name', 'SEED_ALTERED', confirmed([first, JSON.stringify({ ...partition, partition: '' })])],
    [
      'a shard without a number',
      'SEED_ALTERED',
      confirmed([first, '{"shard":-1,"database":"d","retentionPolicy":"r"}']),
    ],
    ['a selection of something else', 'SEED_ALTERED', confirmed([first, '{"selects":"series","name":"a"}'])],
    ['a line that says nothing', 'SEED_ALTERED', confirmed([first, '{}'])],
    ['fewer files than it states', 'SEED_ALTERED', confirmed([first], { files: 1 })],
    ['fewer lines than it states', 'SEED_ALTERED', confirmed([first], { others: 1 })],
    ['a line after the last', 'SEED_ALTERED', gzipSync(`${gunzipSync(confirmed([first])).toString()}{}\n`)],
    ['a line that never ends', 'SEED_TOO_LARGE', gzipSync(`${first}\n${' '.repeat(seedLimits.lineBytesMax + 1)}`)],
    [
      'more than a seed names',
      'SEED_TOO_LARGE',
      confirmed([first, ...Array<string>(seedLimits.othersMax + 1).fill('{"loss":"a"}')]),
    ],
    ['more bytes than a manifest has', 'SEED_TOO_LARGE', bomb()],
  ])('refuses %s with %s', async (_, code, bytes) => {
    await expect(readBack(bytes)).rejects.toMatchObject({ code, key, retryable: false });
  });

  it('refuses a manifest under the key of another, or under no key of a manifest', async () => {
    const bytes = await encodeSeedManifest(manifest);
    for (const under of [seedManifestKey('other', id), seedManifestKey(instance, id.replace('def', 'eed'))]) {
      await expect(readBack(bytes, under)).rejects.toMatchObject({ code: 'SEED_FOREIGN', key: under });
    }
    await expect(readBack(bytes, '~seed/README.txt')).rejects.toMatchObject({ code: 'SEED_FOREIGN' });
  });

  it('does not read an object that is larger than any manifest', async () => {
    const storage = new MemoryStorage({ fail: () => expect.fail('it was read') });
    const info = { key, sizeBytes: seedLimits.sizeBytesMax + 1, createdMs: takenMs };
    await expect(readSeedManifest(storage, info)).rejects.toMatchObject({ code: 'SEED_TOO_LARGE' });
  });
});

function withFile(values: object): Buffer {
  return confirmed([first, JSON.stringify({ ...JSON.parse(others.at(-1) ?? ''), ...values })]);
}

/** Returns lines that are all right, and together too long. */
function bomb(): Buffer {
  const line = JSON.stringify({ loss: ' '.repeat(1800) });
  const count = Math.ceil(seedLimits.textBytesMax / 1800);
  return gzipSync(`${first}\n${`${line}\n`.repeat(count)}`, { level: 1 });
}
