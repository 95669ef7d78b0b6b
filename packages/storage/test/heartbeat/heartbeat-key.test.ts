import { describe, expect, it } from 'vitest';
import {
  formatHeartbeatKey,
  formatHeartbeatPrefix,
  isWholeDayKey,
  parseHeartbeatKey,
} from '../../src/heartbeat/heartbeat-key';
import { parseKey } from '../../src/keys/format-key';
import { id, instance, sink } from './example';

const parts = { instance, sink, day: '20261130', id };

describe('the key of a heartbeat', () => {
  it('is written and read back', () => {
    const key = `~heartbeat/influxdb-0.influxdb/${sink}/20261130/${id}.json.gz`;
    expect(formatHeartbeatKey(parts)).toBe(key);
    expect(parseHeartbeatKey(key)).toStrictEqual(parts);
  });

  it('is never that of a backup file', () => {
    expect(parseKey(formatHeartbeatKey(parts))).toBeUndefined();
    const file = 'influxdb-0/db/~default/20261130/019ad2a1-0000-7000-8000-000000000001.gz';
    expect(parseHeartbeatKey(file)).toBeUndefined();
  });

  it('lies in the folder of an earlier day exactly when it restates that day', () => {
    expect(isWholeDayKey(parts)).toBe(false);
    expect(isWholeDayKey({ ...parts, day: '20261129' })).toBe(true);
    expect(() => formatHeartbeatKey({ ...parts, day: '20261201' })).toThrow('no later than');
  });

  it.each([
    ['another version of UUID', { ...parts, id: '019ad2a1-7b1c-4def-8123-456789abcdef' }],
    ['a sink that is no UUID', { ...parts, sink: 'sink-1' }],
    ['no day', { ...parts, day: 'today' }],
    ['an empty instance', { ...parts, instance: '' }],
  ])('is refused with %s', (_, wrong) => {
    expect(() => formatHeartbeatKey(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
  });

  it('has a prefix for all, an instance, a sink and a day', () => {
    expect(formatHeartbeatPrefix()).toBe('~heartbeat/');
    expect(formatHeartbeatPrefix({ instance: 'a b' })).toBe('~heartbeat/a%20b/');
    expect(formatHeartbeatKey(parts).startsWith(formatHeartbeatPrefix({ instance, sink, day: '20261130' }))).toBe(true);
  });
});
