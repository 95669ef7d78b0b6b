import { readObject, retry } from '@ceres/storage';
import { type AzureFault, bodyOf, keysOf, readAll } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { startAzure, storageOn } from './helpers';

const content = Buffer.alloc(1_500_000, 'restore me ');
const patience = { delayMsMin: 1, delayMsMax: 5 };
/** Short enough for a test to wait, long enough for a slow machine. */
const limits = { attemptTimeoutMs: 1000, idleTimeoutMs: 1000 };

const passingFaults: readonly [string, AzureFault][] = [
  ['a 500', { kind: 'status', status: 500, code: 'InternalError' }],
  ['a 503 ServerBusy', { kind: 'status', status: 503, code: 'ServerBusy' }],
  ['a 500 OperationTimedOut', { kind: 'status', status: 500, code: 'OperationTimedOut' }],
  ["a proxy's 502", { kind: 'html', status: 502 }],
  ['a cut connection', { kind: 'reset' }],
  ['a stall', { kind: 'stall' }],
];

describe('AzureStorage.put', () => {
  const faults: readonly (readonly [string, AzureFault])[] = [
    ...passingFaults,
    ['a page for people instead of an answer', { kind: 'html', status: 200 }],
    ['a bit flipped on the way', { kind: 'flip-bit' }],
  ];
  for (const [what, fault] of faults) {
    it(`throws a retryable error after ${what}, stores nothing, and succeeds with the next attempt`, async () => {
      const { fake, storage } = await startAzure('c', limits);
      fake.inject(fault);
      await expect(storage.put('k', bodyOf(content))).rejects.toMatchObject({ retryable: true, key: 'k' });
      expect(fake.bucket().names()).toEqual([]);
      expect(fake.log).toHaveLength(1);
      expect(await storage.put('k', bodyOf(content))).toBe('created');
    });
  }

  for (const permissions of ['c', 'cw']) {
    it(`answers exists after a lost reply, since its blob is there, with a SAS of ${permissions}`, async () => {
      const { fake, storage } = await startAzure(permissions);
      fake.inject({ kind: 'lose-reply' });
      expect(await retry((signal) => storage.put('k', bodyOf('x'), { signal }), patience)).toBe('exists');
      expect(fake.log.map(({ status }) => status)).toEqual([undefined, permissions === 'c' ? 403 : 409]);
      expect(new Set(fake.log.map(({ sha256 }) => sha256)).size).toBe(1);
    });
  }

  it('succeeds with retry() in spite of an outage of many kinds', async () => {
    const { fake, storage } = await startAzure('c', limits);
    for (const [, fault] of passingFaults) fake.inject(fault);
    const options = { ...patience, attemptsMax: passingFaults.length + 1 };
    expect(await retry((signal) => storage.put('k', bodyOf(content), { signal }), options)).toBe('created');
    expect(fake.log).toHaveLength(passingFaults.length + 1);
  });

  it('throws the error of a body that fails while it is sent, unchanged and at once, and closes its connection', async () => {
    const { fake, storage } = await startAzure(); // the default limits: 2 minutes
    const failure = new Error('the spool disk failed');
    async function* open() {
      yield content.subarray(0, 500_000);
      throw failure;
    }
    const put = storage.put('k', { sizeBytes: content.byteLength, open });
    await expect(put).rejects.toBe(failure);
    expect(fake.bucket().names()).toEqual([]);
    await expect.poll(() => fake.connections()).toBe(0);
  });

  it('closes its connection when it is aborted', async () => {
    const { fake, storage } = await startAzure();
    fake.inject({ kind: 'stall' });
    const put = storage.put('k', bodyOf(content), { signal: AbortSignal.timeout(100) });
    await expect(put).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => fake.connections()).toBe(0);
  });

  it('learns why it is refused before its body has arrived, and leaves no half-sent request behind', async () => {
    const { fake, storage } = await startAzure();
    fake.inject({ kind: 'early-status', status: 403, code: 'AuthorizationPermissionMismatch' });
    await expect(storage.put('k', bodyOf(content))).rejects.toMatchObject({ code: 'DENIED' });
    expect(await storage.put('k', bodyOf(content))).toBe('created');
    await expect.poll(() => fake.connections()).toBeLessThanOrEqual(1);
  });

  it('is UNAVAILABLE when its SAS has expired, and goes on with a new one', async () => {
    const { fake } = await startAzure();
    let sas = fake.sas('c', new Date(Date.now() - 1000));
    const storage = storageOn(fake, '', { sas: () => sas });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: expect.stringMatching(/has expired, or is not valid yet: renew it/),
    });
    sas = fake.sas('c');
    expect(await storage.put('k', bodyOf('x'))).toBe('created');
  });
});

describe('AzureStorage.get', () => {
  for (const [what, fault] of passingFaults) {
    it(`throws UNAVAILABLE after ${what}, and readObject() goes on where it broke`, async () => {
      const { fake, storage } = await startAzure('crl', { ...limits, idleTimeoutMs: 700 });
      await storage.put('k', bodyOf(content));
      fake.inject({ ...fault, on: 'GetBlob' });
      fake.clearLog();
      await expect(readAll(storage.get('k'))).rejects.toMatchObject({ code: 'UNAVAILABLE', key: 'k' });
      fake.inject({ ...fault, on: 'GetBlob' });
      expect((await readAll(readObject(storage, 'k', patience))).equals(content)).toBe(true);
      expect(fake.log.every(({ method }) => method === 'GetBlob')).toBe(true);
    });
  }

  for (const kind of ['cut-answer', 'reset'] as const) {
    it(`notices at once that a download ended in the middle of its body (${kind}), long before it is idle`, async () => {
      const { fake, storage } = await startAzure(); // the default limits: 30 s without a byte
      await storage.put('k', bodyOf(content));
      fake.inject({ kind, on: 'GetBlob' });
      await expect(readAll(storage.get('k'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      fake.inject({ kind, on: 'GetBlob' });
      expect((await readAll(readObject(storage, 'k', patience))).equals(content)).toBe(true);
      await expect.poll(() => fake.connections()).toBeLessThanOrEqual(1);
    });
  }

  it('does not close the connections of other gets when it is given up, but its own', async () => {
    const { fake, storage } = await startAzure();
    const large = Buffer.alloc(30_000_000, 'x');
    fake.bucket().set('k', { bytes: large, createdMs: Date.now(), generation: 1 });
    const others = [1, 2, 3].map(() => readAll(storage.get('k')));
    for await (const _ of storage.get('k')) break;
    for (const bytes of await Promise.all(others)) expect(bytes.equals(large)).toBe(true);
    await expect.poll(() => fake.connections()).toBeLessThanOrEqual(3);
  });
});

describe('AzureStorage.list', () => {
  it('notices at once that a page ended in the middle of its body, and never takes it for a shorter listing', async () => {
    const { fake, storage } = await startAzure(); // the default limits: 30 s for a page
    await storage.put('k', bodyOf('x'));
    fake.inject({ kind: 'cut-answer', on: 'ListBlobs' });
    await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await keysOf(storage)).toEqual(['k']);
  });

  it('does not take the page of a portal for a container without blobs', async () => {
    const { fake, storage } = await startAzure();
    await storage.put('k', bodyOf('x'));
    fake.inject({ kind: 'html', status: 200 });
    await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  for (const [what, fault] of passingFaults) {
    it(`throws a retryable error after ${what}, and succeeds with the next attempt`, async () => {
      const { fake, storage } = await startAzure('crl', { idleTimeoutMs: 700 });
      await storage.put('k', bodyOf('x'));
      fake.inject({ ...fault, on: 'ListBlobs' });
      await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      expect(await keysOf(storage)).toEqual(['k']);
    });
  }
});
