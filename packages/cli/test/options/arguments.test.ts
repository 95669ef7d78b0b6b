import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collectPolicy, readPolicies } from '../../src/options/policies';
import { parseServerUrl, toServer } from '../../src/options/server';
import { parseStorageUrl } from '../../src/options/storage-url';
import { collectMapping } from '../../src/options/values';

describe('STORAGE-URL', () => {
  it('is a URL, or the path of a folder, whatever its name', () => {
    for (const path of ['/var/backups', '/a#b', '/a?b', '/a%b', '/a%2Fb', '/ a', '/a\tb', '/a:b']) {
      expect(fileURLToPath(parseStorageUrl(path))).toBe(path);
    }
    for (const path of ['backups', './a:b', '../a', '@a']) {
      expect(fileURLToPath(parseStorageUrl(path))).toBe(resolve(path));
    }
    expect(fileURLToPath(parseStorageUrl('file:///a%23b%3Fc%25d%20e'))).toBe('/a#b?c%d e');
    expect(parseStorageUrl('gs://bucket/a%23b').href).toBe('gs://bucket/a%23b');
    const ofMinio = 's3://bucket/a?endpoint=http://minio:9000&region=here';
    expect(parseStorageUrl(ofMinio).href).toBe(ofMinio);
  });

  it.each([
    ['file:///a#b', 'write %23'],
    ['file:///a?', 'write %3F'],
    ['gs://bucket/a#b', 'write %23'],
    ['gs://bucket/a?b', 'write %3F'],
    ['s3://bucket/a#b', 'write %23'],
    ['file:///a ', 'write %20'],
    ['file:///a\tb', 'write %09'],
    ['file:///a%', 'Write %25'],
    ['file:///a%2Fb', 'percent-encoded'],
    ['file://host/a', 'such as file:///dir'],
    ['file:backups', 'such as file:///dir'],
    ['', 'such as file:///dir'],
  ])('refuses %j, of which a URL would drop or change something without a word', (text, reason) => {
    expect(() => parseStorageUrl(text)).toThrow(reason);
  });
});

describe('--to', () => {
  it.each(['http://host:8086/?db=metrics', 'http://host:8086#x'])(
    'refuses %s, of which a part would be ignored',
    (text) => {
      expect(() => parseServerUrl(text)).toThrow('without ? and #');
    },
  );

  it.each(['http://root:se#cret@host', 'http://root:secret@host?x', 'http://root:secret@ho st'])(
    'refuses credentials without repeating them, also in the wrong URL %s',
    (text) => {
      const attempt = () => parseServerUrl(text);
      expect(attempt).toThrow(expect.objectContaining({ name: 'CliError' }));
      expect(attempt).not.toThrow(/cret/);
    },
  );

  it.each(['nonsense', 'ftp://host', '2026-11-23T08:15:00Z'])('refuses %s', (text) => {
    expect(() => parseServerUrl(text)).toThrow(/such as http:/);
  });

  it('refuses credentials in the URL without repeating them', () => {
    const attempt = () => parseServerUrl('http://root:secret@127.0.0.1:8086');
    expect(attempt).toThrow(/INFLUX_PASSWORD/);
    expect(attempt).not.toThrow(/secret/);
  });

  it('gets its credentials from the environment', () => {
    const url = parseServerUrl('http://127.0.0.1:8086');
    expect(toServer(url, { INFLUX_USERNAME: 'root', INFLUX_PASSWORD: 'secret' })).toEqual({
      url,
      username: 'root',
      password: 'secret',
    });
    expect(toServer(url, {})).toEqual({ url });
  });
});

describe('--map-db', () => {
  it('is collected each time it is given', () => {
    expect(collectMapping('c=d=e', collectMapping('a=b'))).toEqual({ a: 'b', c: 'd=e' });
  });

  it.each(['a', '=b', 'a='])('refuses %j', (text) => {
    expect(() => collectMapping(text)).toThrow(/FROM=TO/);
  });

  it('refuses two new names for one name', () => {
    expect(() => collectMapping('a=c', { a: 'b' })).toThrow(/one new name for 'a'/);
  });
});

describe('--rp', () => {
  it('takes durations as InfluxQL writes them', () => {
    expect(collectPolicy('b=c=1h30m', collectPolicy('rp_5d=5d'))).toEqual({
      rp_5d: { duration: '5d' },
      'b=c': { duration: '1h30m' },
    });
  });

  it.each(['rp_5d', 'rp_5d=', '=5d', 'rp_5d=soon'])('refuses %j', (text) => {
    expect(() => collectPolicy(text)).toThrow(/NAME=DURATION/);
  });
});

describe('--policies', () => {
  const read = async (content: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'ceres-policies-'));
    try {
      const path = join(folder, 'policies.json');
      writeFileSync(path, content);
      return await readPolicies(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('reads whole policies', async () => {
    const policy = { duration: '5d', shardDuration: '1d', replication: 1, isDefault: true };
    const named = { name: 'two_weeks', duration: '2w' };
    expect(await read(JSON.stringify({ rp_5d: policy, '': named }))).toEqual({ rp_5d: policy, '': named });
  });

  it.each([
    ['{', 'Expected JSON'],
    ['[]', 'to be a JSON object of policies by name, got'],
    ['{"rp":{"duration":"5d","shard":"1d"}}', 'has no option `shard`'],
    ['{"":{"name":7,"duration":"5d"}}', '.name` to be'],
    ['{"rp":{}}', 'rp.duration` to be a duration'],
    ['{"rp":{"duration":"5d","replication":"2"}}', 'rp.replication` to be a whole number'],
  ])('refuses %s, naming the file and the word', async (content, reason) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(reason),
    });
    await expect(read(content)).rejects.toThrow('policies.json');
  });
});
