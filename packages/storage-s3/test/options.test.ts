import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fromUrl, optionsFromUrl } from '../src/from-url';
import { resolveOptions, type S3Options } from '../src/options';
import { S3Storage } from '../src/s3-storage';

describe('the options of S3Storage', () => {
  it('get their defaults in one place', () => {
    vi.stubEnv('AWS_REGION', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(resolveOptions({ bucket: 'backups' })).toEqual({
      bucket: 'backups',
      prefix: '',
      endpoint: undefined,
      region: undefined,
      forcePathStyle: false,
      credentials: undefined,
      attemptTimeoutMs: 120_000,
      idleTimeoutMs: 30_000,
    });
    const ofMinio = resolveOptions({ bucket: 'backups', prefix: 'a/b', endpoint: 'http://minio:9000' });
    expect(ofMinio).toMatchObject({ prefix: 'a/b/', region: 'us-east-1', forcePathStyle: true });
  });

  it('take the region of an endpoint from the environment, unless it is given', () => {
    vi.stubEnv('AWS_REGION', 'garage');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(resolveOptions({ bucket: 'backups', endpoint: 'http://garage:3900' }).region).toBe('garage');
    expect(resolveOptions({ bucket: 'backups', endpoint: 'http://garage:3900', region: 'here' }).region).toBe('here');
  });

  const refused: readonly [string, object, RegExp][] = [
    ['no bucket', {}, /Expected `bucket` to be the name of a bucket/],
    ['a URL for a bucket', { bucket: 's3://backups' }, /without s3:\/\//],
    ['a path for a bucket', { bucket: 'backups/influx' }, /without a path/],
    ['a misspelled option', { bucket: 'backups', forcePathstyle: true }, /Did you mean `forcePathStyle`/],
    ['a prefix that leads out of the bucket', { bucket: 'backups', prefix: '../x' }, /Expected `prefix` to be names/],
    [
      'an endpoint without a scheme',
      { bucket: 'backups', endpoint: 'minio:9000' },
      /Expected `endpoint` to be an address/,
    ],
    ['credentials in an endpoint', { bucket: 'backups', endpoint: 'http://a:b@minio' }, /without credentials/],
    ['a region with a space', { bucket: 'backups', region: 'eu west' }, /Expected `region` to be the name of a region/],
    [
      'a text for a flag',
      { bucket: 'backups', forcePathStyle: 'yes' },
      /Expected `forcePathStyle` to be true or false/,
    ],
    ['a timeout of 0', { bucket: 'backups', attemptTimeoutMs: 0 }, /Expected `attemptTimeoutMs` to be .* got 0/],
  ];
  for (const [what, options, message] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => new S3Storage(options as S3Options)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
      );
    });
  }
});

describe('fromUrl', () => {
  it('accepts s3://bucket and s3://bucket/prefix, and where the bucket is', () => {
    expect(fromUrl(new URL('s3://backups'))).toBeInstanceOf(S3Storage);
    expect(optionsFromUrl(new URL('s3://backups/influx%20db/eu'))).toEqual({
      bucket: 'backups',
      prefix: 'influx db/eu',
    });
    const url = 's3://backups/eu?endpoint=https://minio.acme.example:9000&region=eu-central-1&force-path-style=false';
    expect(optionsFromUrl(new URL(url))).toEqual({
      bucket: 'backups',
      prefix: 'eu',
      endpoint: 'https://minio.acme.example:9000',
      region: 'eu-central-1',
      forcePathStyle: false,
    });
  });

  it.each([
    'gs://backups/x',
    's3:///x',
    's3://backups?x=1',
    's3://backups?region=a&region=b',
    's3://backups?force-path-style=yes',
    's3://backups?endpoint=minio:9000',
    's3://user@backups/x',
    's3://backups:9000/x',
    's3://backups/100%',
    's3://backups/x#y',
  ])('refuses %s', (url) => {
    expect(() => fromUrl(new URL(url))).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});
