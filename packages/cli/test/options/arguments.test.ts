import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRedirects } from '../../src/options/mappings';
import { parsePolicy, readSchemaFile } from '../../src/options/policies';
import { parseTargetUrl, targetServer } from '../../src/options/server';
import { parseStorageUrl } from '../../src/options/storage-url';

describe('STORAGE-URL', () => {
  it('that is a plain path is refused with the URL that was meant', () => {
    expect(() => parseStorageUrl('/var/backups')).toThrow('Did you mean file:///var/backups?');
  });
});

describe('--to', () => {
  it.each(['nonsense', 'ftp://host', '2026-11-23T08:15:00Z'])('refuses %s', (text) => {
    expect(() => parseTargetUrl(text)).toThrow(/such as http:/);
  });

  it('refuses credentials in the URL without repeating them', () => {
    const attempt = () => parseTargetUrl('http://root:secret@127.0.0.1:8086');
    expect(attempt).toThrow(/INFLUX_PASSWORD/);
    expect(attempt).not.toThrow(/secret/);
  });

  it('gets its credentials from the environment', () => {
    const url = parseTargetUrl('http://127.0.0.1:8086');
    expect(targetServer(url, { INFLUX_USERNAME: 'root', INFLUX_PASSWORD: 'secret' })).toEqual({
      url,
      username: 'root',
      password: 'secret',
    });
    expect(targetServer(url, {})).toEqual({ url });
  });
});

describe('--map-db', () => {
  it('is collected over its repetitions', () => {
    expect(parseRedirects('c=d=e', parseRedirects('a=b'))).toEqual({ a: 'b', c: 'd=e' });
  });

  it.each(['a', '=b', 'a='])('refuses %j', (text) => {
    expect(() => parseRedirects(text)).toThrow(/from=to/);
  });

  it('refuses two ways for one name', () => {
    expect(() => parseRedirects('a=c', { a: 'b' })).toThrow(/twice/);
  });
});

describe('--rp', () => {
  it('takes durations as InfluxQL writes them', () => {
    expect(parsePolicy('b=c=1h30m', parsePolicy('rp_5d=5d'))).toEqual({
      rp_5d: { duration: '5d' },
      'b=c': { duration: '1h30m' },
    });
  });

  it.each(['rp_5d', 'rp_5d=', '=5d', 'rp_5d=soon'])('refuses %j', (text) => {
    expect(() => parsePolicy(text)).toThrow(/NAME=DURATION/);
  });
});

describe('--schema', () => {
  const read = async (content: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'ceres-schema-'));
    try {
      const path = join(folder, 'schema.json');
      writeFileSync(path, content);
      return await readSchemaFile(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('reads whole policies', async () => {
    const policy = { duration: '5d', shardDuration: '1d', replication: 1, isDefault: true };
    expect(await read(JSON.stringify({ rp_5d: policy }))).toEqual({ rp_5d: policy });
  });

  it.each([
    ['{', 'is not JSON'],
    ['[]', 'not an object of policies'],
    ['{"rp":{"duration":"5d","shard":"1d"}}', "unknown 'shard'"],
    ['{"rp":{}}', 'duration is no duration'],
    ['{"rp":{"duration":"5d","replication":"2"}}', 'replication is not a number'],
  ])('refuses %s, naming the file and the word', async (content, reason) => {
    await expect(read(content)).rejects.toThrow(reason);
    await expect(read(content)).rejects.toThrow('schema.json');
  });
});
