import { gunzipSync, gzipSync } from 'node:zlib';
import { formatHeartbeatKey, heartbeatLimits } from '@ceres/storage/internal';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bucket, hour, minute, ScriptedSink, startMs, uuid } from '../../../storage/test/ledger/bucket';
import { backupStatus } from '../../src/index';

afterEach(() => void vi.useRealTimers());

const sink = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const endMs = startMs + 10 * hour;

beforeEach(() => {
  vi.useFakeTimers({ now: endMs + minute, toFake: ['Date'] });
});

/** A backup that is good, and its newest heartbeat. */
async function goodBackup() {
  const storage = new Bucket();
  const scripted = new ScriptedSink(storage, sink);
  let newest = '';
  for (let ms = startMs; ms <= endMs; ms += hour) {
    scripted.store(ms - minute);
    newest = (await scripted.say(ms)).at(-1) ?? '';
  }
  return { storage, newest, bytes: storage.objects.get(newest)?.bytes ?? Buffer.alloc(0) };
}

const withLine = (bytes: Uint8Array, from: RegExp, to: string) =>
  gzipSync(gunzipSync(bytes).toString().replace(from, to));
const later = (ms: number) => formatHeartbeatKey({ instance: 'influxdb-0', sink, day: '20261126', id: uuid(ms) });

describe('a heartbeat that is not to be believed makes no backup good, and is one line with its code', () => {
  it.each<[string, string, (bytes: Uint8Array) => Uint8Array]>([
    ['cut', 'HEARTBEAT_CUT', (bytes) => bytes.subarray(0, bytes.byteLength / 2)],
    ['empty', 'HEARTBEAT_CUT', () => Buffer.alloc(0)],
    ['forged: it names a file more', 'HEARTBEAT_ALTERED', (bytes) => withLine(bytes, /(\{"key".*\n)/, '$1$1')],
    [
      'forged: it moves the time up to which all is stored',
      'HEARTBEAT_ALTERED',
      (bytes) => withLine(bytes, /"storedUpTo":"2026/, '"storedUpTo":"2027'),
    ],
    ['something else', 'HEARTBEAT_FOREIGN', () => gzipSync('# DML\n')],
    ['of a later version', 'HEARTBEAT_NEWER', (bytes) => withLine(bytes, /"format":1/, '"format":2')],
    [
      'larger than it can be',
      'HEARTBEAT_TOO_LARGE',
      () => ({ byteLength: heartbeatLimits.sizeBytesMax + 1 }) as Uint8Array,
    ],
  ])('one that is %s', async (_, code, spoil) => {
    const { storage, newest, bytes } = await goodBackup();
    expect((await backupStatus({ storage })).isGood).toBe(true);
    storage.put(newest, spoil(bytes), endMs);
    const { isGood, instances } = await backupStatus({ storage });
    expect(isGood).toBe(false);
    const untrusted = instances[0]?.findings.filter(({ kind }) => kind === 'untrusted');
    expect(untrusted).toMatchObject([{ code, key: newest, reason: expect.stringContaining('not to be trusted') }]);
  });

  it('one of another instance, copied', async () => {
    const { storage, newest, bytes } = await goodBackup();
    storage.put(newest.replace('influxdb-0', 'influxdb-1'), bytes, endMs);
    const { isGood, instances } = await backupStatus({ storage });
    expect(isGood).toBe(false);
    expect(instances.map(({ instance, isGood: own }) => [instance, own])).toEqual([
      ['influxdb-0', true],
      ['influxdb-1', false],
    ]);
    expect(instances[1]?.findings).toMatchObject([{ kind: 'untrusted', code: 'HEARTBEAT_FOREIGN' }]);
  });

  it('one from the future', async () => {
    const { storage, bytes } = await goodBackup();
    storage.put(later(endMs + 30 * hour), bytes, endMs);
    const { isGood, instances } = await backupStatus({ storage });
    expect(isGood).toBe(false);
    expect(instances[0]?.findings).toContainEqual(expect.objectContaining({ code: 'HEARTBEAT_FUTURE' }));
  });
});

it('1,000 sinks are told apart: one that is silent is named, and no other', async () => {
  const storage = new Bucket();
  const ids = Array.from({ length: 1_000 }, (_, n) => sink.slice(0, -5) + String(n).padStart(5, '0'));
  for (const [n, id] of ids.entries()) {
    const scripted = new ScriptedSink(storage, id);
    scripted.store(endMs - minute);
    await scripted.say(n === 471 ? endMs - hour : endMs);
  }
  const { isGood, instances } = await backupStatus({ storage });
  expect(isGood).toBe(false);
  expect(instances[0]?.sinks).toHaveLength(1_000);
  expect(instances[0]?.findings).toMatchObject([{ kind: 'silent', sink: ids[471] }]);
});
