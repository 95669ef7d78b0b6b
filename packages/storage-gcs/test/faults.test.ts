import { readObject, retry } from '@ceres/storage';
import type { GcsFault } from '@ceres/testkit';
import { bodyOf, keysOf, readAll } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { startGcs } from './helpers';

const content = Buffer.alloc(1_500_000, 'restore me ');
const patience = { delayMsMin: 1, delayMsMax: 5 };
/** Short enough for a test to wait, long enough for a slow machine. */
const limits = { attemptTimeoutMs: 1500, idleTimeoutMs: 1500 };

const passingFaults: readonly [string, GcsFault][] = [
  ['408', { kind: 'status', status: 408 }],
  ['429', { kind: 'status', status: 429 }],
  ['500', { kind: 'status', status: 500 }],
  ['503', { kind: 'status', status: 503 }],
  ['a cut connection', { kind: 'reset' }],
  ['a stall', { kind: 'stall' }],
];

describe('GcsStorage.put', () => {
  for (const [what, fault] of [...passingFaults, ['a bit flipped on the way', { kind: 'flip-bit' }] as const]) {
    it(`throws a retryable error after ${what}, stores nothing, and succeeds with the next attempt`, async () => {
      const { fake, storage } = await startGcs({}, limits);
      fake.inject(fault);
      await expect(storage.put('k', bodyOf(content))).rejects.toMatchObject({ retryable: true, key: 'k' });
      expect(fake.bucket().names()).toEqual([]);
      expect(await storage.put('k', bodyOf(content))).toBe('created');
    });
  }

  it('answers exists after a lost reply, since its object is there', async () => {
    const { fake, storage } = await startGcs();
    fake.inject({ kind: 'lose-reply' });
    expect(await retry((signal) => storage.put('k', bodyOf('x'), { signal }), patience)).toBe('exists');
    expect(fake.log.map(({ status }) => status)).toEqual([undefined, 412]);
  });

  it('answers exists when Google asks for the permission to delete, since overwriting deletes', async () => {
    const { fake, storage } = await startGcs();
    const message = 'x does not have storage.objects.delete access to the Google Cloud Storage object.';
    fake.inject({ kind: 'status', status: 403, message });
    expect(await storage.put('k', bodyOf('x'))).toBe('exists');
  });

  it('succeeds with retry() in spite of an outage of many kinds', async () => {
    const { fake, storage } = await startGcs({}, limits);
    for (const [, fault] of passingFaults) fake.inject(fault);
    const options = { ...patience, attemptsMax: passingFaults.length + 1 };
    expect(await retry((signal) => storage.put('k', bodyOf(content), { signal }), options)).toBe('created');
    expect(fake.log).toHaveLength(passingFaults.length + 1);
  });

  it('answers created at once if the answer ends in the middle of its body, since its head says so', async () => {
    const { fake, storage } = await startGcs(); // the default limits: 2 minutes
    fake.inject({ kind: 'cut-answer' });
    expect(await storage.put('k', bodyOf('x'))).toBe('created');
    expect(await storage.put('k', bodyOf('x'))).toBe('exists');
  });

  it('closes its connection when it is aborted', async () => {
    const { fake, storage } = await startGcs();
    fake.inject({ kind: 'stall' });
    const put = storage.put('k', bodyOf(content), { signal: AbortSignal.timeout(100) });
    await expect(put).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => fake.connections()).toBe(0);
  });
});

describe('GcsStorage.get', () => {
  for (const [what, fault] of passingFaults) {
    it(`throws UNAVAILABLE after ${what}, and readObject() goes on where it broke`, async () => {
      const { fake, storage } = await startGcs({}, limits);
      await storage.put('k', bodyOf(content));
      fake.inject({ ...fault, on: 'objects.get' });
      fake.clearLog();
      await expect(readAll(storage.get('k'))).rejects.toMatchObject({ code: 'UNAVAILABLE', key: 'k' });
      fake.inject({ ...fault, on: 'objects.get' });
      expect((await readAll(readObject(storage, 'k', patience))).equals(content)).toBe(true);
      expect(fake.log.every(({ method }) => method === 'objects.get')).toBe(true);
    });
  }

  for (const kind of ['cut-answer', 'reset'] as const) {
    it(`notices at once that a download ended in the middle of its body (${kind}), long before it is idle`, async () => {
      const { fake, storage } = await startGcs(); // the default limits: 30 s without a byte
      await storage.put('k', bodyOf(content));
      fake.inject({ kind, on: 'objects.get' });
      const failure = {
        code: 'UNAVAILABLE',
        retryable: true,
        message: expect.stringMatching(/ended after \d+ of \d+/),
      };
      await expect(readAll(storage.get('k'))).rejects.toMatchObject(failure);
      fake.inject({ kind, on: 'objects.get' });
      expect((await readAll(readObject(storage, 'k', patience))).equals(content)).toBe(true);
      await expect.poll(() => fake.connections()).toBeLessThanOrEqual(1);
    });
  }

  it('does not close the connections of other gets when it is given up', async () => {
    const { storage } = await startGcs();
    const large = Buffer.alloc(30_000_000, 'x');
    await storage.put('k', bodyOf(large));
    const others = [1, 2, 3].map(() => readAll(storage.get('k')));
    for await (const _ of storage.get('k')) break;
    for (const bytes of await Promise.all(others)) expect(bytes.equals(large)).toBe(true);
  });

  it('closes its own connection when it is given up', async () => {
    const { fake, storage } = await startGcs();
    await storage.put('k', bodyOf(Buffer.alloc(30_000_000)));
    expect(await fake.connections()).toBe(1); // kept alive, so that the get uses it again
    for await (const _ of storage.get('k')) break;
    await expect.poll(() => fake.connections()).toBe(0);
  });
});

describe('GcsStorage.list', () => {
  it('notices at once that a page ended in the middle of its body, and never takes it for a shorter listing', async () => {
    const { fake, storage } = await startGcs(); // the default limits: 30 s for a page
    await storage.put('k', bodyOf('x'));
    fake.inject({ kind: 'cut-answer', on: 'objects.list' });
    await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await keysOf(storage)).toEqual(['k']);
  });

  for (const [what, fault] of passingFaults) {
    it(`throws a retryable error after ${what}, and succeeds with the next attempt`, async () => {
      const { fake, storage } = await startGcs({}, limits);
      await storage.put('k', bodyOf('x'));
      fake.inject({ ...fault, on: 'objects.list' });
      await expect(keysOf(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      expect(await keysOf(storage)).toEqual(['k']);
    });
  }
});
