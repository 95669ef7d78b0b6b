import { superlinear } from '@ceres/testkit';
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

/** Lets everything run that can. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it.each([
  ['shares the point of the first and of the third', ['m,a=1', 'm,a=2', 'm,a=1', 'm,a=3'], 'm,a=1', [0, 2]],
  ['shares points with two others', ['m,a=1', 'm,a=2', 'm,a=3'], 'm,a=3 v=1 5\nm,a=1', [0, 2]],
])('a write that %s waits for all of them, in whatever order they are answered', async (_, before, own, blocking) => {
  for (const leaving of [blocking, [...blocking].reverse()]) {
    const order = new SendOrder();
    const turns = before.map((series) => order.enter('db', 'rp', writeOf(`${series} v=1 5\n`).lines));
    const last = order.enter('db', 'rp', writeOf(`${own} v=2 5\n`).lines);
    order.enter('db', 'rp', writeOf(`${own} v=3 5\n`).lines); // Behind it, and so never waited for.
    let isReady = false;
    const ready = last.ready(never).then(() => {
      isReady = true;
    });
    for (const at of leaving) {
      await settled();
      expect(isReady).toBe(false);
      turns[at]?.leave();
    }
    await ready;
  }
});

it('a write that may hold any series waits for all of its time before it, and those behind it wait for it', async () => {
  const order = new SendOrder();
  const large = { ...writeOf('m,a=9 v=1 5\n').lines, bytes: Buffer.alloc(9 * 1024 * 1024) };
  const turns = [writeOf('m,a=1 v=1 5\n').lines, large, writeOf('m,a=2 v=1 5\n').lines].map((lines) =>
    order.enter('db', 'rp', lines as EncodedLines),
  );
  const isReady = [false, false, false];
  turns.forEach((turn, n) => {
    void turn.ready(never).then(() => {
      isReady[n] = true;
    });
  });
  for (const expected of [
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]) {
    await settled();
    expect(isReady).toEqual(expected);
    turns[isReady.lastIndexOf(true)]?.leave();
  }
});

it('a write that gives up lets those behind it wait for the ones before it', async () => {
  const order = new SendOrder();
  const [first, second, third] = [1, 2, 3].map((v) => order.enter('db', 'rp', writeOf(`m,a=1 v=${v} 5\n`).lines));
  const giveUp = new AbortController();
  const givenUp = second?.ready(giveUp.signal).finally(() => second.leave());
  let isReady = false;
  const ready = third?.ready(never).then(() => {
    isReady = true;
  });
  giveUp.abort();
  await expect(givenUp).rejects.toThrow();
  await settled();
  expect(isReady).toBe(false);
  first?.leave();
  await ready;
});

it.each([
  ['series of their own', (n: number) => `m,a=${n} v=1 5\n`],
  ['one series', () => 'm,a=1 v=1 5\n'],
  ['many series in common', (n: number) => `m,a=${n} v=1 5\nm,a=${n + 1} v=1 5\nm,a=${n + 2} v=1 5\n`],
])('the time for writes in progress that hold %s grows with their number and no faster', async (_, lineOf) => {
  const inProgress = {
    name: 'writes in progress',
    prepare: (size: number) => {
      const lines = Array.from({ length: size / 100 }, (_, n) => writeOf(lineOf(n)).lines);
      return async () => {
        const order = new SendOrder();
        const turns = lines.map((one) => order.enter('db', 'rp', one));
        await Promise.all(turns.map((turn) => turn.ready(new AbortController().signal).then(() => turn.leave())));
      };
    },
  };
  expect(await superlinear([inProgress])).toEqual([]);
});
