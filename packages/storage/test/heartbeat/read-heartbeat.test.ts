import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { heartbeatLimits } from '../../src/heartbeat/contents';
import { formatHeartbeatKey } from '../../src/heartbeat/heartbeat-key';
import { readHeartbeat } from '../../src/heartbeat/read-heartbeat';
import { MemoryStorage } from '../../src/memory-storage';
import {
  atMs,
  confirmed,
  encoded,
  files,
  id,
  instance,
  key,
  named,
  readBack,
  sink,
  statement,
  tooMany,
} from './example';

const lines = gunzipSync(await encoded())
  .toString()
  .split('\n')
  .slice(0, -2);
const [first = '', ...others] = lines;
const changed = (values: object) => JSON.stringify({ ...JSON.parse(first), ...values });

describe('readHeartbeat', () => {
  it('returns what was written, as often as asked', async () => {
    const heartbeat = await readBack(await encoded());
    expect(heartbeat.statement).toStrictEqual(statement);
    expect(heartbeat.storedCount).toBe(2);
    for (const _ of ['once', 'again']) expect(await all(heartbeat.files())).toStrictEqual(files);
  });

  it('reads the last heartbeat of a sink, and the first', async () => {
    const ends = { previous: undefined, nextDueByMs: undefined, isLast: true };
    expect((await readBack(await encoded(ends, []))).statement).toStrictEqual({ ...statement, ...ends });
  });

  it('reads the heartbeat of a whole day, which lies in the folder of that day', async () => {
    const whole = { day: '20261129', isWholeDay: true, part: 2, parts: 3 };
    const under = formatHeartbeatKey({ instance, sink, day: '20261129', id });
    expect((await readBack(await encoded(whole), under)).statement).toMatchObject(whole);
  });

  it('ignores members that a later version may add', async () => {
    const bytes = confirmed([changed({ new: 1 }), ...others], { stored: 2, pending: 2 });
    expect((await readBack(bytes)).statement).toStrictEqual(statement);
  });

  it('believes nothing of a heartbeat that is cut anywhere', async () => {
    const whole = await encoded();
    for (let end = 0; end < whole.byteLength; end += 7) {
      await expect(readBack(whole.subarray(0, end))).rejects.toMatchObject({
        code: expect.stringMatching(/_(CUT|ALTERED)$/),
      });
    }
    const text = gunzipSync(whole).toString();
    for (let end = text.length - 1; end >= 0; end -= 37) {
      await expect(readBack(gzipSync(text.slice(0, end)))).rejects.toMatchObject({ code: 'HEARTBEAT_CUT' });
    }
  });

  it('believes nothing of a heartbeat in which a byte was changed', async () => {
    const text = gunzipSync(await encoded());
    for (let at = 0; at < text.byteLength; at += 11) {
      const flipped = Buffer.from(text);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await expect(readBack(gzipSync(flipped))).rejects.toMatchObject({ code: expect.stringMatching(/^HEARTBEAT_/) });
    }
  });

  it.each<[string, string, Buffer, string?]>([
    ['text', 'HEARTBEAT_ALTERED', Buffer.from('not gzip at all')],
    ['an empty object', 'HEARTBEAT_CUT', Buffer.alloc(0)],
    ['a backup file', 'HEARTBEAT_FOREIGN', gzipSync('# DML\n# CONTEXT-DATABASE: db\n')],
    ['JSON of another kind', 'HEARTBEAT_FOREIGN', confirmed(['{"ceres":"seed"}'])],
    ['a later format', 'HEARTBEAT_NEWER', confirmed([changed({ format: 2 })])],
    ['an impossible format', 'HEARTBEAT_ALTERED', confirmed([changed({ format: 'one' })])],
    ['another instance', 'HEARTBEAT_FOREIGN', confirmed([changed({ instance: 'other' })])],
    ['another sink', 'HEARTBEAT_FOREIGN', confirmed([changed({ sink: id })])],
    ['an ordinary heartbeat of another day', 'HEARTBEAT_ALTERED', confirmed([changed({ day: '20261129' })])],
    ['a whole day that is not over', 'HEARTBEAT_ALTERED', confirmed([changed({ wholeDay: true })])],
    ['a heartbeat that is last, and due again', 'HEARTBEAT_ALTERED', confirmed([changed({ last: true })])],
    ['a time that is none', 'HEARTBEAT_ALTERED', confirmed([changed({ at: '2026-13-30T12:00:00.000Z' })])],
    ['a negative count', 'HEARTBEAT_ALTERED', confirmed([changed({ open: -1 })])],
    [
      'a file of another instance',
      'HEARTBEAT_ALTERED',
      confirmed([first, JSON.stringify({ key: named.key.replace(instance, 'other') })]),
    ],
    ['a file without a name of ours', 'HEARTBEAT_ALTERED', confirmed([first, JSON.stringify({ key: 'passwd' })])],
    [
      'a file with a size and no MD5',
      'HEARTBEAT_ALTERED',
      confirmed([first, JSON.stringify({ key: named.key, sizeBytes: 1 })]),
    ],
    ['fewer files than it states', 'HEARTBEAT_ALTERED', confirmed([first], { stored: 1 })],
    ['a line after the last', 'HEARTBEAT_ALTERED', gzipSync(`${gunzipSync(confirmed([first])).toString()}{}\n`)],
    [
      'a line that never ends',
      'HEARTBEAT_TOO_LARGE',
      gzipSync(`${first}\n${' '.repeat(heartbeatLimits.lineBytesMax + 1)}`),
    ],
    [
      'more files than one heartbeat names',
      'HEARTBEAT_TOO_LARGE',
      confirmed([first, ...Array<string>(tooMany).fill(others[0] ?? '')]),
    ],
    ['more bytes than one heartbeat has', 'HEARTBEAT_TOO_LARGE', bomb()],
  ])('refuses %s with %s', async (_, code, bytes) => {
    await expect(readBack(bytes)).rejects.toMatchObject({ code, key, retryable: false });
  });

  it('refuses a heartbeat under the key of another', async () => {
    for (const parts of [{ sink: id }, { instance: 'other' }, { day: '20261129' }, { id: id.replace('def', 'eed') }]) {
      const under = formatHeartbeatKey({ instance, sink, day: '20261130', id, ...parts });
      await expect(readBack(await encoded(), under)).rejects.toMatchObject({ code: 'HEARTBEAT_FOREIGN', key: under });
    }
    const under = '~heartbeat/README.txt';
    await expect(readBack(await encoded(), under)).rejects.toMatchObject({ code: 'HEARTBEAT_FOREIGN' });
  });

  it('refuses a heartbeat that claims a time to come, by the clock of the storage', async () => {
    const bytes = await encoded();
    await expect(readBack(bytes, key, atMs - 90_000_000)).rejects.toMatchObject({ code: 'HEARTBEAT_FUTURE' });
    expect((await readBack(bytes, key, atMs - 80_000_000)).statement.atMs).toBe(atMs);
  });

  it('does not read an object that is larger than any heartbeat', async () => {
    const storage = new MemoryStorage({ fail: () => expect.fail('it was read') });
    const info = { key, sizeBytes: heartbeatLimits.sizeBytesMax + 1, createdMs: atMs };
    await expect(readHeartbeat(storage, info)).rejects.toMatchObject({ code: 'HEARTBEAT_TOO_LARGE' });
  });
});

/** Returns lines that are all right, and together too long. */
function bomb(): Buffer {
  const line = JSON.stringify({ key: named.key, padding: ' '.repeat(1800) });
  const count = Math.ceil(heartbeatLimits.textBytesMax / 1800);
  return gzipSync(`${first}\n${`${line}\n`.repeat(count)}`, { level: 1 });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
