import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { ObjectBody, ObjectReader, ObjectWriter } from '../contract';
import { bodyOf, keysOf, noise, readAll } from './helpers';
import type { OpenStorage, TestApi } from './test-api';

const reason = new Error('the caller gave up');
const bytes = noise(400_000);

/** A moment of an upload, and a body that aborts the call at that moment. */
type Stage = readonly [string, (controller: AbortController) => ObjectBody];

const stages: readonly Stage[] = [
  ['while the body opens', (controller) => hanging(() => controller.abort(reason))],
  ['while the body hangs', (controller) => hanging(() => setTimeout(() => controller.abort(reason), 5))],
  ['between two chunks', (controller) => abortingAfter(200_000, controller)],
  ['after the last chunk', (controller) => abortingAfter(bytes.byteLength, controller)],
];

/** Declares what an abort promises: the call ends at once, with the caller's reason, and leaves nothing half-made. */
export function interruptionCases({ it }: TestApi, open: OpenStorage): void {
  for (const [when, makeBody] of stages) {
    it(`put leaves nothing half-made when it is aborted ${when}`, async () => {
      const storage = await open();
      const controller = new AbortController();
      const put = storage.put('k', makeBody(controller), { signal: controller.signal });
      await assert.rejects(put, (error) => error === reason);
      await holdsWholeOrNothing(storage);
    });
  }

  it('put does not open the body when its signal was aborted before', async () => {
    const storage = await open();
    let opened = 0;
    const body = hanging(() => {
      opened += 1;
    });
    await assert.rejects(storage.put('k', body, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.equal(opened, 0);
    await holdsWholeOrNothing(storage);
  });

  it('get ends when it is aborted, before the first chunk or between two', async () => {
    const storage = await open();
    await storage.put('k', bodyOf(noise(3_000_000)));
    await endsWhenAborted((signal) => storage.get('k', { signal }));
  });

  it('list ends when it is aborted, before the first key or between two', async () => {
    const storage = await open();
    await storage.put('a', bodyOf('a'));
    await storage.put('b', bodyOf('b'));
    await endsWhenAborted((signal) => storage.list('', { signal }));
  });

  it('calls that have ended leave no listener on their signal', async () => {
    const storage = await open();
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i += 1) {
      await storage.put('k', bodyOf(bytes), { signal });
      await readAll(storage.get('k', { signal }));
      await keysOf(storage, '', { signal });
    }
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
}

/** Expects the reason of the signal, whether it aborts before the first value or after it. */
async function endsWhenAborted(read: (signal: AbortSignal) => AsyncIterable<unknown>): Promise<void> {
  const early = read(AbortSignal.abort(reason))[Symbol.asyncIterator]();
  await assert.rejects(drain(early), (error) => error === reason);

  const controller = new AbortController();
  const values = read(controller.signal)[Symbol.asyncIterator]();
  assert.ok(!(await values.next()).done);
  controller.abort(reason);
  await assert.rejects(drain(values), (error) => error === reason);
}

async function holdsWholeOrNothing(storage: ObjectWriter & ObjectReader): Promise<void> {
  // An abort may come too late: then the object is there, and it is whole.
  const keys = await keysOf(storage);
  if (keys.length > 0) assert.equal((await readAll(storage.get('k'))).compare(bytes), 0);
  const next = await storage.put('k', bodyOf(bytes));
  assert.equal(next, keys.length > 0 ? 'exists' : 'created');
  assert.equal((await readAll(storage.get('k'))).compare(bytes), 0);
}

function abortingAfter(position: number, controller: AbortController): ObjectBody {
  async function* open() {
    yield bytes.subarray(0, position);
    controller.abort(reason);
    if (position < bytes.byteLength) yield bytes.subarray(position);
  }
  return { sizeBytes: bytes.byteLength, open };
}

/** Returns a body that never yields anything, like a disk or a network that hangs. */
function hanging(onOpen: () => void): ObjectBody {
  const open = () => {
    onOpen();
    return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
  };
  return { sizeBytes: bytes.byteLength, open };
}

async function drain(iterator: AsyncIterator<unknown>): Promise<void> {
  while (!(await iterator.next()).done);
}
