import { bodyOf, gcsRoles, keysOf, md5Of, readAll } from '@ceres/testkit';
import { Storage } from '@google-cloud/storage';
import { describe, expect, it } from 'vitest';
import { startGcs } from './helpers';

describe('GcsStorage', () => {
  it('sends one create per put, whatever its outcome, with an account that may do nothing else', async () => {
    const { fake, storage } = await startGcs({ permissions: gcsRoles.objectCreator });
    expect(await storage.put('a/1.gz', bodyOf('one'))).toBe('created');
    expect(await storage.put('a/1.gz', bodyOf('one'))).toBe('exists');
    fake.inject({ kind: 'status', status: 503 });
    await expect(storage.put('a/2.gz', bodyOf('two'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    fake.inject({ kind: 'flip-bit' });
    await expect(storage.put('a/2.gz', bodyOf('two'))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(await storage.put('a/2.gz', bodyOf('two'))).toBe('created');

    expect(fake.log.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'objects.create 200',
      'objects.create 412',
      'objects.create 503',
      'objects.create 400',
      'objects.create 200',
    ]);
  });

  it('sends a POST that cannot overwrite, with the checksum and with a type that is never unpacked', async () => {
    const { fake, storage } = await startGcs({}, { prefix: 'backups' });
    await storage.put('i/db 0/x.gz', bodyOf('content'));
    const [request] = fake.log;
    expect(request?.line).toMatch(/^POST \/upload\/storage\/v1\/b\/test-bucket\/o\?/);
    expect(request?.query).toEqual({ uploadType: 'multipart', name: 'backups/i/db 0/x.gz', ifGenerationMatch: '0' });
    expect(request?.metadata).toEqual({
      contentType: 'application/gzip',
      cacheControl: 'no-transform',
      md5Hash: md5Of(Buffer.from('content')),
    });
  });

  it('sends one request per page of a listing, and one per get', async () => {
    const { fake, storage } = await startGcs({ permissions: gcsRoles.objectViewer });
    fake.bucket().seed(Array.from({ length: 2500 }, (_, i) => `k/${i}`));
    expect(await keysOf(storage, 'k/')).toHaveLength(2500);
    expect(fake.log.map(({ method }) => method)).toEqual(['objects.list', 'objects.list', 'objects.list']);
    fake.clearLog();
    await readAll(storage.get('k/7'));
    expect(fake.log.map(({ method }) => method)).toEqual(['objects.get']);
  });

  it('makes one attempt also through a ready client that would retry', async () => {
    const { fake } = await startGcs();
    const client = new Storage({ apiEndpoint: fake.url, retryOptions: { autoRetry: true, maxRetries: 3 } });
    const { storage } = await startGcs({}, { client, apiEndpoint: undefined } as object);
    fake.inject({ kind: 'status', status: 503, times: Infinity });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(readAll(storage.get('k'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(fake.log).toHaveLength(3);
  });

  it('stays below the prefix, and returns keys without it', async () => {
    const { fake, storage } = await startGcs({}, { prefix: 'a/b' });
    fake.bucket().seed(['a', 'a/b', 'a/b/', 'a/bc', 'z']);
    await storage.put('k1', bodyOf('1'));
    await storage.put('k2', bodyOf('2'));
    expect(fake.bucket().names()).toContain('a/b/k1');
    expect(await keysOf(storage)).toEqual(['k1', 'k2']);
    expect(String(await readAll(storage.get('k2')))).toBe('2');
  });
});
