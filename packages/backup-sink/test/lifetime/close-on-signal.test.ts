import { join } from 'node:path';
import { LocalStorage, MemoryStorage } from '@ceres/storage';
import { startProgram } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { openSink, storedNumbers } from '../sink-harness';

const main = new URL('writing-until-signal.ts', import.meta.url);

/** Lets it write for a while, sends it the signal, and waits for its end. */
async function runUntil(signal: NodeJS.Signals, env: NodeJS.ProcessEnv) {
  const program = await startProgram(main, { TIMEOUT_MS: '25000', ...env });
  onTestFinished(() => program.remove());
  await program.printed(/acked 50;/);
  program.signal(signal);
  const acked = [...(await program.exited).matchAll(/acked (\d+);/g)].map((match) => Number(match[1]));
  return { directory: program.directory, acked };
}

it.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
  '%s ends a process with every acked line in the storage',
  async (signal) => {
    const { directory, acked } = await runUntil(signal, {});
    const stored = new Set(await storedNumbers(new LocalStorage(join(directory, 'bucket'))));
    expect(acked.length).toBeGreaterThan(50);
    expect(acked.filter((n) => !stored.has(n))).toEqual([]);
  },
);

it('SIGTERM ends a process whose storage does not answer after the timeout, with every acked line in the spool', async () => {
  const { directory, acked } = await runUntil('SIGTERM', { STALLED: '1', TIMEOUT_MS: '200' });
  const { sink, storage } = await openSink({ spoolDir: join(directory, 'spool'), storage: new MemoryStorage() });
  await sink.flush();
  const stored = new Set(await storedNumbers(storage));
  expect(acked.filter((n) => !stored.has(n))).toEqual([]);
});
