import { readObject, retry } from '@ceres/storage';
import type { S3Fault } from '@ceres/testkit';
import { bodyOf, keysOf, readAll } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { startS3, storageOn } from './helpers';

const content = Buffer.alloc(1_500_000, 'restore me ');
const patience = { delayMsMin: 1, delayMsMax: 5 };
/** Short enough for a test to wait, long enough for a slow machine. */
const limits = { attemptTimeoutMs: 1000, idleTimeoutMs: 1000 };

const passingFaults: readonly [string, S3Fault][] = [
  ['a 500', { kind: 'status', status: 500, code: 'InternalError' }],
  ['a 503 SlowDown', { kind: 'status', status: 503, code: 'SlowDown' }],
  ['a 400 RequestTimeout', { kind: 'status', status: 400, code: 'RequestTimeout' }],
  ["a proxy's 502", { kind: 'html', status: 502 }],
  ['a cut connection', { kind: 'reset' }],
  ['a stall', { kind: 'stall' }],
];

describe('S3Storage.put', () => {
  const faults: readonly (readonly [string, S3Fault])[] = [
    ...passingFaults,
    ['a 409 ConditionalRequestConflict', { kind: 'status', status: 409, code: 'ConditionalRequestConflict' }],
    ['a bit flipped on the way', { kind: 'flip-bit' }],
  ];
  for (const [what, fault] of faults) {
    it(`throws a retryable error after ${what}, stores nothing, and succeeds with the next attempt`, async () => {
      const { fake, storage } = await startS3({}, limits);
      fake.inject(fault);
      await expect(storage.put('k', bodyOf(content))).rejects.toMatchObject({ retryable: true, key: 'k' });
      expect(fake.bucket().names()).toEqual([]);
      expect(fake.log).toHaveLength(1);
      expect(await storage.put('k', bodyOf(content))).toBe('created');
    });
  }

  it('answers exists after a lost reply, since its object is there', async () => {
    const { fake, storage } = await startS3();
    fake.inject({ kind: 'lose-reply' });
    expect(await retry((signal) => storage.put('k', bodyOf('x'), { signal }), patience)).toBe('exists');
    expect(fake.log.map(({ status }) => status)).toEqual([undefined, 412]);
    expect(new Set(fake.log.map(({ sha256 }) => sha256)).size).toBe(1);
  });

  it('learns why it is refused from a store that resets the connection before the body has arrived', async () => {
    const { fake, storage } = await startS3();
    fake.inject({ kind: 'early-status', status: 403, code: 'AccessDenied', times: 2 });
    await expect(storage.put('k', bodyOf(content))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(storage.put('k', bodyOf(content))).rejects.toMatchObject({ code: 'DENIED' });
    expect(fake.log.map(({ headers }) => headers.expect)).toEqual([undefined, '100-continue']);
    fake.clearLog();
    expect(await storage.put('k', bodyOf(content))).toBe('created');
    expect(fake.log.map(({ headers }) => headers.expect)).toEqual([undefined]);
    await expect.poll(() => fake.connections()).toBeLessThanOrEqual(1);
  });

  it('sends the whole body to a store that asks for it, after a connection broke', async () => {
    const { fake, storage } = await startS3();
    fake.inject({ kind: 'reset' });
    expect(await retry((signal) => storage.put('k', bodyOf(content), { signal }), patience)).toBe('created');
    expect(fake.log.map(({ headers }) => headers.expect)).toEqual([undefined, '100-continue']);
    expect(Buffer.from(fake.bucket().get('k')?.bytes ?? []).equals(content)).toBe(true);
  });

  it('succeeds with retry() in spite of an outage of many kinds', async () => {
    const { fake, storage } = await startS3({}, limits);
    for (const [, fault] of passingFaults) fake.inject(fault);
    const options = { ...patience, attemptsMax: passingFaults.length + 1 };
    expect(await retry((signal) => storage.put('k', bodyOf(content), { signal }), options)).toBe('created');
    expect(fake.log).toHaveLength(passingFaults.length + 1);
  });

  it('throws the error of a body that fails while it is sent, unchanged and at once, and closes its connection', async () => {
    const { fake, storage } = await startS3(); // the default limits: 2 minutes
    const failure = new Error('the spool disk failed');
    let opened = 0;
    async function* open() {
      opened += 1;
      yield content.subarray(0, 500_000);
      if (opened === 2) throw failure;
      yield content.subarray(500_000);
    }
    const put = storage.put('k', { sizeBytes: content.byteLength, open });
    await expect(put).rejects.toBe(failure);
    expect(fake.bucket().names()).toEqual([]);
    await expect.poll(() => fake.connections()).toBe(0);
  });

  it('closes its connection when it is aborted', async () => {
    const { fake, storage } = await startS3();
    fake.inject({ kind: 'stall' });
    const put = storage.put('k', bodyOf(content), { signal: AbortSignal.timeout(100) });
    await expect(put).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => fake.connections()).toBe(0);
  });

  it('looks for credentials again when they have expired, and goes on with new ones', async () => {
    const { fake } = await startS3();
    const fresh = { accessKeyId: 'FRESH', secretAccessKey: 'fresh' };
    fake.addUser(fresh, { Statement: [{ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }] });
    let current = fake.keys;
    let asked = 0;
    const credentials = async () => {
      asked += 1;
      return current; // without an end, so that the SDK would keep them for as long as the client lives
    };
    const storage = storageOn(fake, { credentials });
    expect(await storage.put('a', bodyOf('a'))).toBe('created');
    expect(await storage.put('b', bodyOf('b'))).toBe('created');
    expect(asked).toBe(1);
    fake.expire();
    await expect(storage.put('c', bodyOf('c'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    current = fresh;
    expect(await storage.put('c', bodyOf('c'))).toBe('created');
    expect(fake.bucket().names()).toEqual(['a', 'b', 'c']);
  });

  it('goes on after the store has said that the clock of this machine is wrong', async () => {
    const { storage } = await startS3({ now: () => Date.now() + 3_600_000 });
    const skewed = { code: 'UNAVAILABLE', message: expect.stringMatching(/RequestTimeTooSkewed.*Set the clock/) };
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(skewed);
    expect(await storage.put('k', bodyOf('x'))).toBe('created');
  });
});

describe('S3Storage.get', () => {
  for (const [what, fault] of passingFaults) {
    it(`throws UNAVAILABLE after ${what}, and readObject() goes on where it broke`, async () => {
      const { fake, storage } = await startS3({}, { ...limits, idleTimeoutMs: 700 });
      await storage.put('k', bodyOf(content));
      fake.inject({ ...fault, on: 'GetObject' });
      fake.clearLog();
      await expect(readAll(storage.get('k'))).rejects.toMatchObject({ code: 'UNAVAILABLE', key: 'k' });
      fake.inject({ ...fault, on: 'GetObject' });
      expect((await readAll(readObject(storage, 'k', patience))).equals(content)).toBe(true);
      expect(fake.log.every(({ method }) => method === 'GetObject')).toBe(true);
    });
  }

  for (const kind of ['cut-answer', 'reset'] as const) {
    it(`notices at once that a download ended in the middle of its body (${kind}), long before it is idle`, async () => {
      const { fake, storage } = await startS3(); // the default limits: 30 s without a byte
      await storage.put('k', bodyOf(content));
      fake.inject({ kind, on: 'GetObject' });
      await expect(readAll(storage.get('k'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      fake.inject({ kind, on: 'GetObject' });
      expect((await readAll(readObject(storage, 'k', patience))).equals(content)).toBe(true);
      await expect.poll(() => fake.connections()).toBeLessThanOrEqual(1);
    });
  }

  it('does not close the connections of other gets when it is given up, but its own', async () => {
    const { fake, storage } = await startS3();
    const large = Buffer.alloc(30_000_000, 'x');
    fake.bucket().set('k', { bytes: large, createdMs: Date.now(), generation: 1 });
    const others = [1, 2, 3].map(() => readAll(storage.get('k')));
    for await (const _ of storage.get('k')) break;
    for (const bytes of await Promise.all(others)) expect(bytes.equals(large)).toBe(true);
    await expect.poll(() => fake.connections()).toBeLessThanOrEqual(3);
  });
});

describe('S3Storage.list', () => {
  it('notices at once that a page ended in the middle of its body, and never takes it for a shorter listing', async () => {
    const { fake, storage } = await startS3(); // the default limits: 30 s for a page
    await storage.put('k', bodyOf('x'));
    fake.inject({ kind: 'cut-answer', on: 'ListObjectsV2' });
    await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await keysOf(storage)).toEqual(['k']);
  });

  it('does not take a page for people, sent with status 200, for an empty listing', async () => {
    const { fake, storage } = await startS3();
    await storage.put('k', bodyOf('x'));
    fake.inject({ kind: 'html', status: 200 });
    await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  for (const [what, fault] of passingFaults) {
    it(`throws a retryable error after ${what}, and succeeds with the next attempt`, async () => {
      const { fake, storage } = await startS3({}, { idleTimeoutMs: 700 });
      await storage.put('k', bodyOf('x'));
      fake.inject({ ...fault, on: 'ListObjectsV2' });
      await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      expect(await keysOf(storage)).toEqual(['k']);
    });
  }
});
