import assert from 'node:assert/strict';
import type { ObjectBody } from '../contract';
import { bodyOf, inChunks, keysOf, listAll, noise, readAll, rejectsWith } from './helpers';
import type { OpenStorage, TestApi } from './test-api';

/** Declares what `put` promises: an object is created once, whole or not at all, and never overwritten. */
export function creationCases({ it }: TestApi, open: OpenStorage): void {
  it('put creates an object that list and get then return unchanged', async () => {
    const storage = await open();
    const beforeMs = Date.now();
    assert.equal(await storage.put('a/b.gz', bodyOf('hello')), 'created');
    assert.equal(String(await readAll(storage.get('a/b.gz'))), 'hello');

    const [info, ...others] = await listAll(storage);
    assert.ok(info);
    assert.deepEqual(others, []);
    assert.equal(info.key, 'a/b.gz');
    assert.equal(info.sizeBytes, 5);
    assert.ok(Number.isInteger(info.createdMs), `expected createdMs to be whole milliseconds, got ${info.createdMs}`);
    // The storage's clock may differ from ours by seconds, not by minutes.
    assert.ok(
      Math.abs(info.createdMs - beforeMs) < 120_000,
      `expected createdMs to be near ${beforeMs}, got ${info.createdMs}`,
    );
  });

  it('put never overwrites: a second put of a key answers exists and changes nothing', async () => {
    const storage = await open();
    await storage.put('k', bodyOf('first'));
    assert.equal(await storage.put('k', bodyOf('second, and longer')), 'exists');
    assert.equal(String(await readAll(storage.get('k'))), 'first');
  });

  it('put answers exists when a put whose reply was lost is retried', async () => {
    const storage = await open();
    const body = bodyOf(noise(100_000));
    await storage.put('k', body); // this reply is the one that got lost
    assert.equal(await storage.put('k', body), 'exists');
    assert.equal((await readAll(storage.get('k'))).compare(noise(100_000)), 0);
  });

  it('put creates an empty object', async () => {
    const storage = await open();
    assert.equal(await storage.put('empty', bodyOf('')), 'created');
    assert.equal((await readAll(storage.get('empty'))).byteLength, 0);
  });

  it('put answers created to exactly one of many concurrent puts of a key', async () => {
    const storage = await open();
    const contents = Array.from({ length: 8 }, (_, i) => `writer ${i}`);
    const outcomes = await Promise.all(contents.map((content) => storage.put('k', bodyOf(content))));
    assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'exists').length, 7);
    const winner = contents[outcomes.indexOf('created')];
    assert.equal(String(await readAll(storage.get('k'))), winner);
  });

  const bytes = noise(300_000);
  const broken: readonly [string, ObjectBody, 'SIZE_MISMATCH' | 'CHECKSUM_MISMATCH'][] = [
    ['is shorter than declared', { sizeBytes: 300_001, open: () => inChunks(bytes) }, 'SIZE_MISMATCH'],
    ['is longer than declared', { sizeBytes: 299_999, open: () => inChunks(bytes) }, 'SIZE_MISMATCH'],
    ['is empty but not declared so', { sizeBytes: 1, open: () => inChunks(new Uint8Array()) }, 'SIZE_MISMATCH'],
    ['is declared empty but is not', { sizeBytes: 0, open: () => inChunks(bytes) }, 'SIZE_MISMATCH'],
    [
      'has another MD5 than declared',
      { ...bodyOf('one'), open: () => inChunks(Buffer.from('two')) },
      'CHECKSUM_MISMATCH',
    ],
  ];
  for (const [what, body, code] of broken) {
    it(`put stores nothing of a body that ${what}, and the next put creates the object`, async () => {
      const storage = await open();
      await rejectsWith(code, storage.put('k', body));
      assert.deepEqual(await keysOf(storage), []);
      assert.equal(await storage.put('k', bodyOf('good')), 'created');
    });
  }

  it('put stores nothing of a body that fails half-way, and throws its error unchanged', async () => {
    const storage = await open();
    const failure = new Error('the spool disk failed');
    async function* failing() {
      yield bytes.subarray(0, 100_000);
      throw failure;
    }
    const put = storage.put('k', { sizeBytes: bytes.byteLength, open: failing });
    await assert.rejects(put, (error) => error === failure);
    assert.deepEqual(await keysOf(storage), []);
    assert.equal(await storage.put('k', bodyOf('good')), 'created');
  });
}
