import { describe, expect, it } from 'vitest';
import { drillKey, drillPrefix, parseDrillKey } from '../../src/drill/drill-key';
import { parseKey } from '../../src/keys/format-key';
import { isOfBackup } from '../../src/seed/seed-key';

const parts = { instance: 'influxdb/0 ü', day: '20261102', id: '161f0afa-751e-4f46-9711-a68d260407d3' };
const key = '~drills/influxdb%2F0%20%C3%BC/20261102/161f0afa-751e-4f46-9711-a68d260407d3.json';

describe('the key of a certificate', () => {
  it('is parsed to what it was made of, and is never that of a backup file', () => {
    expect(drillKey(parts)).toBe(key);
    expect(key.startsWith(drillPrefix(parts.instance))).toBe(true);
    expect(parseDrillKey(key)).toEqual(parts);
    expect([parseKey(key), isOfBackup(key)]).toEqual([undefined, true]);
  });

  it.each([
    ['another folder', key.replace('~drills', '~seed')],
    ['another suffix', key.replace('.json', '.json.gz')],
    ['another spelling of a name', key.replace('%2F', '%2f')],
    ['no day', key.replace('20261102', '20261302')],
    ['more folders', key.replace('20261102/', '20261102/x/')],
    ['an id that is none', key.replace('161f', 'xxxx')],
    ['no instance', key.replace('influxdb%2F0%20%C3%BC', '')],
    ['a broken name', key.replace('%2F', '%')],
  ])('is not parsed with %s', (_what, other) => {
    expect(parseDrillKey(other)).toBeUndefined();
  });

  it.each([{ id: 'x' }, { id: parts.id.toUpperCase() }, { day: '2026' }, { instance: '' }])(
    'is not made of %o',
    (wrong) => {
      expect(() => drillKey({ ...parts, ...wrong })).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    },
  );
});
