import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKey, formatPrefix, type KeyParts, parseKey } from '../../src/keys/format-key';

const id = '018f5e6a-7b1c-7def-8123-456789abcdef';
const parts: KeyParts = {
  instance: 'influxdb-0.influxdb',
  database: 'db_0',
  retentionPolicy: 'rp_5d',
  day: '20240509',
  id,
};

describe('formatKey and parseKey', () => {
  it('write names as operators know them', () => {
    expect(formatKey(parts)).toBe(`influxdb-0.influxdb/db_0/rp_5d/20240509/${id}.gz`);
    expect(parseKey(`influxdb-0.influxdb/db_0/rp_5d/20240509/${id}.gz`)).toEqual(parts);
  });

  it('call the default policy ~default, whether its name is absent or empty', () => {
    const { retentionPolicy: _, ...others } = parts;
    expect(formatKey(others)).toBe(`influxdb-0.influxdb/db_0/~default/20240509/${id}.gz`);
    expect(formatKey({ ...parts, retentionPolicy: '' })).toBe(formatKey(others));
    expect(parseKey(formatKey(others))).toStrictEqual(others);
  });

  it('keep refused records outside the prefix of their instance', () => {
    const key = formatKey({ ...parts, quarantine: true });
    expect(key).toBe(`~quarantine/influxdb-0.influxdb/db_0/rp_5d/20240509/${id}.gz`);
    expect(parseKey(key)).toStrictEqual({ ...parts, quarantine: true });
  });

  it('call the files that switch between policies ~mixed, which no policy can be called', () => {
    const { retentionPolicy: _, ...others } = parts;
    const key = formatKey({ ...others, mixed: true });
    expect(key).toBe(`influxdb-0.influxdb/db_0/~mixed/20240509/${id}.gz`);
    expect(parseKey(key)).toStrictEqual({ ...others, mixed: true });
    expect(formatPrefix({ instance: 'i', database: 'd', retentionPolicy: '', mixed: true })).toBe('i/d/~mixed/');
    expect(formatKey({ ...parts, retentionPolicy: '~mixed' })).toBe(
      `influxdb-0.influxdb/db_0/%7Emixed/20240509/${id}.gz`,
    );
  });

  it.each([
    ['a/b', 'a%2Fb'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['...', '%2E%2E%2E'],
    ['a.b..', 'a.b%2E%2E'],
    ['..a', '..a'],
    ['my db', 'my%20db'],
    ['100%', '100%25'],
    ['a:b', 'a%3Ab'],
    ['~default', '%7Edefault'],
    ['~quarantine', '%7Equarantine'],
    ["!'()*", '%21%27%28%29%2A'],
    ['日本', '%E6%97%A5%E6%9C%AC'],
    ['😀', '%F0%9F%98%80'],
    ['a\nb', 'a%0Ab'],
    ['%2F', '%252F'],
  ])('encode the name %j as %s', (name, encoded) => {
    const key = formatKey({ ...parts, instance: name, database: name, retentionPolicy: name });
    expect(key).toBe(`${encoded}/${encoded}/${encoded}/20240509/${id}.gz`);
    expect(parseKey(key)).toStrictEqual({ ...parts, instance: name, database: name, retentionPolicy: name });
  });

  it('round-trip any Unicode names, in characters that every shell and file system accepts', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(name, name, name, fc.boolean(), (instance, database, retentionPolicy, quarantine) => {
        const any = { ...parts, instance, database, retentionPolicy, ...(quarantine && { quarantine }) };
        const key = formatKey(any);
        expect(key).toMatch(/^[A-Za-z0-9._~/%-]+$/);
        expect(parseKey(key)).toStrictEqual(any);
      }),
    );
  });

  it('refuse what cannot be a key, and name it', () => {
    const refused = (change: Partial<KeyParts>) => () => formatKey({ ...parts, ...change });
    const invalid = (message: RegExp) =>
      expect.objectContaining({ code: 'INVALID_KEY', message: expect.stringMatching(message) });
    expect(refused({ instance: '' })).toThrow(invalid(/name of the instance is empty/));
    expect(refused({ database: '' })).toThrow(invalid(/name of the database is empty/));
    expect(refused({ database: 'n'.repeat(256) })).toThrow(invalid(/database, "n+", has 256 bytes/));
    expect(refused({ retentionPolicy: '日'.repeat(29) })).toThrow(invalid(/retention policy, "日+", has 261 bytes/));
    expect(refused({ database: '\ud800' })).toThrow(invalid(/not valid Unicode/));
    expect(refused({ id: 'x' })).toThrow(invalid(/to be a UUID, got "x"/));
    expect(refused({ id: `../${id}` })).toThrow(invalid(/to be a UUID/));
    expect(refused({ day: '2024-05-09' })).toThrow(invalid(/YYYYMMDD/));
    expect(formatKey({ ...parts, database: 'n'.repeat(255) })).toContain('n'.repeat(255));
  });

  it.each([
    '',
    'readme.txt',
    `db_0/rp_5d/20240509/${id}.gz`,
    `i/db_0/rp_5d/20240509/${id}`,
    `i/db_0/rp_5d/20240509/${id}.lp`,
    `i/db_0/rp_5d/20240509/sub/${id}.gz`,
    `i/db_0/rp_5d/2024059/${id}.gz`,
    `i/db_0/rp_5d/20241309/${id}.gz`,
    'i/db_0/rp_5d/20240509/x.gz',
    `i//rp_5d/20240509/${id}.gz`,
    `/i/db_0/rp_5d/20240509/${id}.gz`,
    `i/db 0/rp_5d/20240509/${id}.gz`,
    `i/%64b_0/rp_5d/20240509/${id}.gz`,
    `i/a%2fb/rp_5d/20240509/${id}.gz`,
    `i/100%/rp_5d/20240509/${id}.gz`,
    `i/%FF/rp_5d/20240509/${id}.gz`,
    `i/../rp_5d/20240509/${id}.gz`,
    `i/~default/rp_5d/20240509/${id}.gz`,
    `~quarantine/db_0/rp_5d/20240509/${id}.gz`,
    `~other/i/db_0/rp_5d/20240509/${id}.gz`,
  ])('do not read %j as the key of a backup file', (key) => {
    expect(parseKey(key)).toBeUndefined();
  });

  it('accept a UUID of another version, as older systems used', () => {
    const old = '3d6f0a3c-95a1-4a7e-9b2c-1f2e3d4c5b6a';
    expect(parseKey(formatKey({ ...parts, id: old }))?.id).toBe(old);
  });
});

describe('formatKey', () => {
  it('refuses a name that is not a string, so that nothing is stored under "undefined"', () => {
    for (const wrong of [{ instance: undefined }, { database: 5 }, { instance: null }]) {
      const formatting = () => formatKey({ ...parts, ...(wrong as unknown as typeof parts) });
      expect(formatting).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    }
  });
});

describe('formatPrefix', () => {
  it('narrows from the instance to the day', () => {
    expect(formatPrefix({ instance: 'i' })).toBe('i/');
    expect(formatPrefix({ instance: 'i', database: 'a b' })).toBe('i/a%20b/');
    expect(formatPrefix({ instance: 'i', database: 'd', retentionPolicy: '' })).toBe('i/d/~default/');
    expect(formatPrefix({ instance: 'i', database: 'd', retentionPolicy: 'r', day: '20240509' })).toBe(
      'i/d/r/20240509/',
    );
    expect(formatPrefix({ instance: 'i', quarantine: true })).toBe('~quarantine/i/');
  });

  it('refuses a part without the one before it', () => {
    expect(() => formatPrefix({ instance: 'i', retentionPolicy: 'r' })).toThrow('from left to right');
    expect(() => formatPrefix({ instance: 'i', database: 'd', day: '20240509' })).toThrow('from left to right');
  });
});
