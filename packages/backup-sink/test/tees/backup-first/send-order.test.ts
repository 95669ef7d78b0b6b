import { expect, it } from 'vitest';
import type { EncodedLines } from '../../../src/internals';
import { SendOrder } from '../../../src/tees/backup-first/send-order';

/** A write of one line at one time, and how often its series were looked at. */
function writeOf(line: string) {
  const bytes = Buffer.from(line);
  const looks = { count: 0 };
  const summary = { firstTimestamp: 5n, lastTimestamp: 5n, hasInnerNewline: false };
  const lines = { lines: 1, summary } as EncodedLines;
  Object.defineProperty(lines, 'bytes', {
    get() {
      looks.count += 1;
      return bytes;
    },
  });
  return { lines, looks };
}

const never = new AbortController().signal;

it('a write waits for those before it that share a point and are not answered, and for no others', async () => {
  const order = new SendOrder();
  const turn = (line: string) => order.enter('db', 'rp', writeOf(line).lines);
  const first = turn('m,a=1 v=1 5\n');
  const other = turn('m,a=2 v=1 5\n');
  const second = turn('m,a=1 v=2 5\n');
  await other.ready(never);
  let isReady = false;
  const ready = second.ready(never).then(() => {
    isReady = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isReady).toBe(false);
  first.leave();
  await ready; // The other one is still in progress.
});

it('a write on its own, or one whose forerunners are answered before it is durable, costs no look at its series', async () => {
  const order = new SendOrder();
  const [first, second, third] = ['m,a=1 v=1 5\n', 'm,a=1 v=2 5\n', 'm,a=1 v=3 5\n'].map(writeOf);
  const turns = [first, second, third].map((write) => order.enter('db', 'rp', write?.lines as EncodedLines));
  await turns[0]?.ready(never);
  turns[0]?.leave();
  await turns[1]?.ready(never);
  turns[1]?.leave();
  await turns[2]?.ready(never);
  expect([first, second, third].map((write) => write?.looks.count)).toEqual([0, 0, 0]);
});
