import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { bodyOf, noise } from '../../src/conformance/helpers';
import { LocalStorage } from '../../src/index';

it('LocalStorage reports a file that becomes shorter while it is read, and yields no more than is there', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ceres-cut-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const storage = new LocalStorage(root);
  await storage.put('i/k', bodyOf(noise(1_000_000)));
  const reading = storage.get('i/k')[Symbol.asyncIterator]();
  let bytes = (await reading.next()).value?.byteLength ?? 0;
  expect(bytes).toBeLessThan(600_000);
  await truncate(join(root, 'i/k'), 600_000);
  const rest = async () => {
    for (let next = await reading.next(); !next.done; next = await reading.next()) bytes += next.value.byteLength;
  };
  await expect(rest()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    retryable: false, // the next attempt would take the shorter file for the whole one
    key: 'i/k',
    message: expect.stringMatching(/ended after 600000 of 1000000 bytes/),
  });
  expect(bytes).toBe(600_000);
});
