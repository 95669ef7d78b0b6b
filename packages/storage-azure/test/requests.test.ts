import { bodyOf, keysOf, md5Of, readAll } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { startAzure, storageOn } from './helpers';

describe('AzureStorage', () => {
  it('sends one Put Blob per put, whatever its outcome, with a SAS that may do nothing else', async () => {
    const { fake, storage } = await startAzure('c');
    expect(await storage.put('a/1.gz', bodyOf('one'))).toBe('created');
    expect(await storage.put('a/1.gz', bodyOf('one'))).toBe('exists');
    fake.inject({ kind: 'status', status: 503, code: 'ServerBusy' });
    await expect(storage.put('a/2.gz', bodyOf('two'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    fake.inject({ kind: 'flip-bit' });
    await expect(storage.put('a/2.gz', bodyOf('two'))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(await storage.put('a/2.gz', bodyOf('two'))).toBe('created');

    expect(fake.log.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'PutBlob 201',
      'PutBlob 403', // UnauthorizedBlobOverwrite
      'PutBlob 503',
      'PutBlob 400',
      'PutBlob 201',
    ]);
  });

  it('does not overwrite with a SAS that may', async () => {
    const { fake, storage } = await startAzure('cw');
    expect(await storage.put('k', bodyOf('first'))).toBe('created');
    expect(await storage.put('k', bodyOf('second'))).toBe('exists');
    expect(fake.log.map(({ status }) => status)).toEqual([201, 409]);
    expect(String(fake.bucket().get('k')?.bytes)).toBe('first');
  });

  it('sends a Put Blob that cannot overwrite, with its length and its MD5', async () => {
    const { fake, storage } = await startAzure('c', { prefix: 'backups' });
    await storage.put('i/db 0/x.gz', bodyOf('content'));
    const [request] = fake.log;
    expect(request).toMatchObject({ container: 'test-container', blob: 'backups/i/db 0/x.gz' });
    expect(request?.headers).toMatchObject({
      'if-none-match': '*',
      'content-length': '7',
      'x-ms-blob-type': 'BlockBlob',
      'x-ms-blob-content-type': 'application/gzip',
      'x-ms-blob-cache-control': 'no-transform',
      'x-ms-blob-content-md5': md5Of(Buffer.from('content')),
    });
    const others = ['transfer-encoding', 'x-ms-blob-content-encoding', 'content-encoding'];
    expect(Object.keys(request?.headers ?? {}).filter((name) => others.includes(name))).toEqual([]);
  });

  it('sends one request per page of a listing, and one per get', async () => {
    const { fake, storage } = await startAzure('rl');
    fake.bucket().seed(Array.from({ length: 2500 }, (_, i) => `k/${i}`));
    expect(await keysOf(storage, 'k/')).toHaveLength(2500);
    expect(fake.log.map(({ method }) => method)).toEqual(['ListBlobs', 'ListBlobs', 'ListBlobs']);
    fake.clearLog();
    await readAll(storage.get('k/7'));
    expect(fake.log.map(({ method }) => method)).toEqual(['GetBlob']);
  });

  it('begins a listing in its middle without the pages before', async () => {
    const { fake, storage } = await startAzure('rl');
    fake.bucket().seed(Array.from({ length: 2500 }, (_, i) => `k/${String(i).padStart(4, '0')}`));
    const keys: string[] = [];
    for await (const { key } of storage.list('k/', { startAfter: 'k/2400' })) keys.push(key);
    expect([keys.length, keys[0]]).toEqual([99, 'k/2401']);
    expect(fake.log).toHaveLength(1);
  });

  it('refuses a listing that is not in the order of its names, which would hide files', async () => {
    const { fake, storage } = await startAzure('l');
    fake.bucket().seed(['a/b', 'a-b']);
    fake.listBackwards = true;
    await expect(keysOf(storage)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/"a-b" comes after "a\/b".*without a hierarchical namespace/),
    });
  });

  it('stays below the prefix, and returns keys without it', async () => {
    const { fake, storage } = await startAzure('crl', { prefix: 'a/b' });
    fake.bucket().seed(['a', 'a/b', 'a/b/', 'a/bc', 'z']);
    await storage.put('k1', bodyOf('1'));
    await storage.put('k2', bodyOf('2'));
    expect(fake.bucket().names()).toContain('a/b/k1');
    expect(await keysOf(storage)).toEqual(['k1', 'k2']);
    expect(String(await readAll(storage.get('k2')))).toBe('2');
  });

  it('asks for the SAS of each request', async () => {
    const { fake } = await startAzure();
    const signatures = [fake.sas('c'), fake.sas('l'), fake.sas('r')];
    const storage = storageOn(fake, '', { sas: () => signatures.shift() ?? '' });
    await storage.put('k', bodyOf('x'));
    expect(await keysOf(storage)).toEqual(['k']);
    expect(String(await readAll(storage.get('k')))).toBe('x');
    expect(fake.log.map(({ query }) => query.sp)).toEqual(['c', 'l', 'r']);
  });
});
