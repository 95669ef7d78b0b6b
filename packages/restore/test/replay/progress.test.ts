import { expect, it } from 'vitest';
import type { RestoreProgress } from '../../src/options/restore';
import { type ServerEvent, ServerWatch } from '../../src/progress/server-watch';
import { Progress } from '../../src/replay/progress';

function progressAt(startMs = 0) {
  let nowMs = startMs;
  const clock = { now: () => nowMs, sleep: async () => undefined };
  let last: RestoreProgress | undefined;
  const progress = new Progress({ files: 2, bytes: 1_000 }, clock, (state) => {
    last = state;
  });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { clock, progress, pass, last: () => last };
}

it('estimates the time left from the rate since the server came back, not from that with the outage in it', () => {
  const { progress, pass, last } = progressAt();
  pass(1_000);
  progress.read(100);
  expect(last()).toMatchObject({ etaMs: 9_000, isServerAway: false });
  progress.server({ state: 'away', reason: 'gone', patienceMs: 1 });
  expect(last()).toMatchObject({ etaMs: undefined, linesPerSecond: 0, isServerAway: true });
  pass(5_000);
  progress.read(0);
  expect(last()).toMatchObject({ etaMs: undefined, isServerAway: true });
  progress.server({ state: 'back', awayMs: 5_000 });
  pass(1_000);
  progress.read(100);
  progress.stored(50);
  pass(1_000);
  progress.read(100);
  expect(last()).toMatchObject({ etaMs: 7_000, linesPerSecond: 25, isServerAway: false });
});

it('reports once that a server is away and once that it is back, whichever of many calls notices it', () => {
  const { clock, pass } = progressAt();
  const events: ServerEvent[] = [];
  const watch = new ServerWatch(clock, 600_000, (event) => events.push(event));
  watch.answered();
  watch.failed('refused');
  watch.failed('reset');
  pass(3_000);
  watch.answered();
  watch.answered();
  expect(events).toEqual([
    { state: 'away', reason: 'refused', patienceMs: 600_000 },
    { state: 'back', awayMs: 3_000 },
  ]);
});
