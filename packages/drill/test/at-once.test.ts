import { expect, it } from 'vitest';
import { atOnce } from '../src/server/at-once';

/** Work that ends when it is aborted, and says how. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}

function maker(make: (signal: AbortSignal) => Promise<string>) {
  const undone: string[] = [];
  return { undone, making: { make, undo: async (made: string) => void undone.push(made) } };
}

it('returns what both have made and found', async () => {
  const { making, undone } = maker(async () => 'server');
  expect(await atOnce(undefined, making, async () => 'plan')).toEqual(['server', 'plan']);
  expect(undone).toEqual([]);
});

it('undoes what was made before the other failed, and throws why that failed', async () => {
  const { making, undone } = maker(async () => 'server');
  const read = async () => {
    throw new Error('NO_FILES');
  };
  await expect(atOnce(undefined, making, read)).rejects.toThrow('NO_FILES');
  expect(undone).toEqual(['server']);
});

it('undoes what is made only after the other failed', async () => {
  const { making, undone } = maker(() => new Promise((resolve) => void setImmediate(() => resolve('late server'))));
  const read = async () => {
    throw new Error('NO_FILES');
  };
  await expect(atOnce(undefined, making, read)).rejects.toThrow('NO_FILES');
  expect(undone).toEqual(['late server']);
});

it('aborts what is being read once making has failed, and throws why', async () => {
  const { making, undone } = maker(async () => {
    throw new Error('NO_INFLUXD');
  });
  await expect(atOnce(undefined, making, untilAborted)).rejects.toThrow('NO_INFLUXD');
  expect(undone).toEqual([]);
});

it('ends both with the signal, throws its reason, and then listens no more', async () => {
  const interrupted = new AbortController();
  const { making, undone } = maker(async () => 'server');
  const working = atOnce(interrupted.signal, making, untilAborted);
  interrupted.abort(new Error('SIGINT'));
  await expect(working).rejects.toThrow('SIGINT');
  expect(undone).toEqual(['server']);
  await expect(atOnce(interrupted.signal, maker(untilAborted).making, untilAborted)).rejects.toThrow('SIGINT');
});
