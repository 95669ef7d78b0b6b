import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemoryStorage } from '@ceres/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seed } from '../../src/index';
import { recordedServer } from './recorded-server';

let folder: string;
let server: Awaited<ReturnType<typeof recordedServer>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-seed-v2-'));
  server = await recordedServer(new URL('./influxdb-2.json', import.meta.url));
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function objectsOf(storage: MemoryStorage): Promise<ReadonlyMap<string, string>> {
  const objects = new Map<string, string>();
  for await (const { key } of storage.list('')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of storage.get(key)) chunks.push(chunk);
    objects.set(key, gunzipSync(Buffer.concat(chunks)).toString());
  }
  return objects;
}

it('a seed reads InfluxDB 2 through its 1.x API in weeks, and names what it cannot read exactly', async () => {
  const storage = new MemoryStorage();
  const report = await seed({ storage, instance: 'i', source: server.url, workDir: join(folder, 'work') });
  const objects = await objectsOf(storage);
  const files = [...objects].filter(([key]) => key.startsWith('i/telegraf/autogen/'));
  const lines = files.flatMap(([, text]) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')));
  expect(lines).toEqual([
    'cpu,host=a\\ b count=1i,usage=0.5 1767571200000000001',
    'cpu,host=a\\ b count=9007199254740993i,ok=t 1767571200000000002',
    'cpu,host=c,rack=r\\=1 ok=f,usage=1e-7 1767571200000000001',
    'states v=1.5 1768176000000000000',
  ]);
  expect(report).toMatchObject({ shards: 2, points: 4, isProven: true });
  const reasons = report.losses.map((loss) =>
    loss.replace(/^telegraf.autogen, shard \d+: not all of measurement /, ''),
  );
  const types =
    'a field has several types, and the server does not list its shards, so that values of the others may be missing';
  const unsigned = 'it has unsigned integers, which InfluxDB 1.x does not store';
  const weekly = [`"states": ${types}`, `"totals": ${unsigned}`];
  expect(reasons).toEqual([...weekly, ...weekly]);
  const [schema = ''] = [...objects].flatMap(([key, text]) => (key.startsWith('~schema/') ? [text] : []));
  expect(schema).toContain('CREATE DATABASE "telegraf" WITH DURATION INF');
  expect(schema).toContain('Users and their grants are not in here');
  for (const [, text] of files)
    expect(text).toContain(`# CERES-SEED: source=query server=${encodeURIComponent(server.url)}`);
});

it('a seed by queries that was interrupted asks only for the shards that are left', async () => {
  const options = { storage: new MemoryStorage(), instance: 'i', source: server.url, workDir: join(folder, 'resumed') };
  const controller = new AbortController();
  const onProgress = ({ shards }: { readonly shards: number }) => shards === 1 && controller.abort(new Error('enough'));
  await expect(seed({ ...options, onProgress, signal: controller.signal })).rejects.toThrow('enough');
  const before = server.asked.length;
  const report = await seed(options);
  const asked = server.asked.slice(before).filter((query) => query.endsWith('GROUP BY *'));
  expect(asked).toEqual([
    expect.stringMatching(/"cpu" WHERE time >= 1768176/),
    expect.stringMatching(/"states" WHERE time >= 1768176/),
  ]);
  expect(report).toMatchObject({ shards: 2, points: 4, isProven: true });
});

it('a seed by queries reads no more points in a second than it may', async () => {
  const sleptMs = async (rateLinesPerSecond: number) => {
    let [nowMs, slept] = [Date.now(), 0];
    const sleep = async (ms: number) => {
      nowMs += ms;
      slept += ms;
    };
    const workDir = join(folder, `rate-${rateLinesPerSecond}`);
    const clock = { now: () => nowMs, sleep };
    const source = server.url;
    const options = { storage: new MemoryStorage(), instance: 'i', source, workDir, rateLinesPerSecond, clock };
    await seed({ ...options, load: 100 }); // no pause but those of the rate
    return slept;
  };
  // There are four points, in three answers: the last one begins once those before it have had their time.
  expect(await sleptMs(1)).toBe(3_000);
  expect(await sleptMs(1_000)).toBe(3);
});

it('a source that is a URL with a password is refused, since its name stands in every file', async () => {
  const source = server.url.replace('//', '//user:secret@');
  const refused = seed({ storage: new MemoryStorage(), instance: 'i', source, workDir: join(folder, 'other') });
  await expect(refused).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.not.stringContaining('secret'),
  });
});
