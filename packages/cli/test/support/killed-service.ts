import { surveyLedgers } from '@ceres/storage';
import { startProgram } from '@ceres/testkit';
import { expect, onTestFinished, vi } from 'vitest';
import { type healGround, instance } from './heal-ground';

const child = new URL('./service-child.ts', import.meta.url);

/**
 * Lets a second service write three points, and kills it for good once its heartbeat names their file. What it acked after that is lost with its
 * disk.
 *
 * @returns the id of its sink
 */
export async function killedService({ bucket, storage, past, at }: Awaited<ReturnType<typeof healGround>>) {
  const lines = [100, 101, 102].map((n) => `m,t=a v=${n},w=0 ${at(n)}`);
  const program = await startProgram(child, {
    BUCKET: bucket,
    INSTANCE: instance,
    STORED: lines.join('\n'),
    SPOOLED: `m,t=a v=103,w=0 ${at(103)}`,
  });
  onTestFinished(() => program.remove());
  await past(lines.join('\n'));
  await program.printed(/stored/);
  const storedMs = Date.now();
  const running = async () => (await surveyLedgers(storage, { nowMs: Date.now() })).sinks.find((one) => !one.isClosed);
  await vi.waitFor(async () => expect((await running())?.storedUpToMs).toBeGreaterThanOrEqual(storedMs), 60_000);
  program.signal('SIGUSR2');
  await program.printed(/spooled/);
  program.signal('SIGKILL');
  await program.exited;
  return (await running())?.sink ?? '';
}
