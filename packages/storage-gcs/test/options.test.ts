import { Storage } from '@google-cloud/storage';
import { describe, expect, it } from 'vitest';
import { fromUrl } from '../src/from-url';
import { GcsStorage } from '../src/gcs-storage';
import { type GcsOptions, resolveOptions } from '../src/options';

describe('the options of GcsStorage', () => {
  it('get their defaults in one place', () => {
    const { prefix, attemptTimeoutMs, idleTimeoutMs } = resolveOptions({ bucket: 'backups' });
    expect({ prefix, attemptTimeoutMs, idleTimeoutMs }).toEqual({
      prefix: '',
      attemptTimeoutMs: 120_000,
      idleTimeoutMs: 30_000,
    });
    expect(resolveOptions({ bucket: 'backups', prefix: 'a/b' }).prefix).toBe('a/b/');
    expect(resolveOptions({ bucket: 'backups', prefix: 'a/b/' }).prefix).toBe('a/b/');
  });

  it('use a ready client as it is', () => {
    const client = new Storage({ apiEndpoint: 'http://127.0.0.1:1' });
    expect(resolveOptions({ bucket: 'backups', client }).readyClient).toBe(client);
  });

  const refused: readonly [string, object, RegExp][] = [
    ['no bucket', {}, /Expected `bucket` to be the name of a bucket/],
    ['a URL for a bucket', { bucket: 'gs://backups' }, /without gs:\/\//],
    ['a path for a bucket', { bucket: 'backups/influx' }, /without a path/],
    ['a misspelled option', { bucket: 'backups', keyFileName: 'x' }, /Did you mean `keyFilename`/],
    ['a prefix that leads out of the bucket', { bucket: 'backups', prefix: '../x' }, /Expected `prefix` to be names/],
    ['a timeout of 0', { bucket: 'backups', attemptTimeoutMs: 0 }, /Expected `attemptTimeoutMs` to be .* got 0/],
    ['a client and a key file', { bucket: 'b-1', keyFilename: 'x', client: new Storage() }, /Give either `client`/],
  ];
  for (const [what, options, message] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => new GcsStorage(options as GcsOptions)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
      );
    });
  }
});

describe('fromUrl', () => {
  it('accepts gs://bucket and gs://bucket/prefix', () => {
    expect(fromUrl(new URL('gs://backups'))).toBeInstanceOf(GcsStorage);
    expect(fromUrl(new URL('gs://my_backups/influx/eu'))).toBeInstanceOf(GcsStorage);
  });

  it.each(['s3://backups/x', 'gs:///x', 'gs://backups?x=1', 'gs://user@backups/x', 'gs://backups/100%'])(
    'refuses %s',
    (url) => {
      expect(() => fromUrl(new URL(url))).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    },
  );
});
