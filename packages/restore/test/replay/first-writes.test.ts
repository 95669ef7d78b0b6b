import { systemClock } from '@ceres/internal';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FileInFlight } from '../../src/replay/account/file-in-flight';
import { FirstWrites } from '../../src/replay/deliver/first-writes';
import type { Decision } from '../../src/replay/deliver/poster';
import type { Body } from '../../src/replay/route/body';

const hourS = 3_600;
const secondMs = 1_000;

let firstWrites: FirstWrites;
let nowMs: number;
/** What was sent, in order: what opened shards by its lines, and whole bodies by their names. */
let sent: string[];
let answers: Map<string, { stored: (records?: number) => void; refused: () => void; failed: (error: Error) => void }>;
/** The names of bodies. */
let names: Map<Body, string>;

/** Answers once the test says so. */
function answerTo<T>(name: string, stored: (records?: number) => T, refused: () => T): Promise<T> {
  sent.push(name);
  return new Promise((resolve, reject) => {
    answers.set(name, {
      stored: (records) => resolve(stored(records)),
      refused: () => resolve(refused()),
      failed: reject,
    });
  });
}

beforeEach(() => {
  nowMs = 0;
  sent = [];
  answers = new Map();
  names = new Map();
  const isStored: Decision = { kind: 'stored' };
  const isRefused: Decision = { kind: 'partly', code: 'TYPE_CONFLICT', dropped: 1, message: '' };
  firstWrites = new FirstWrites({
    clock: { ...systemClock, now: () => nowMs },
    post: (bytes) =>
      answerTo<Decision>(
        `${Buffer.from(bytes)}`.trim(),
        () => isStored,
        () => isRefused,
      ),
    deliver: (body) =>
      answerTo(
        names.get(body) ?? '',
        (records) => records ?? body.records,
        () => 0,
      ),
  });
});

/** Passes a body whose records lie in these hours; resolves once it is delivered. Its file says its times, unless `isProven` is false. */
function pass(name: string, hours: readonly number[], { database = 'db', isProven = true } = {}): Promise<void> {
  const lines = hours.map((hour) => `${name} v=1 ${hour * hourS}\n`).join('');
  const times = { first: BigInt(Math.min(...hours) * hourS), last: BigInt(Math.max(...hours) * hourS) };
  const file = { ...(isProven && { times }) } as unknown as FileInFlight;
  const body: Body = {
    to: { database, retentionPolicy: 'rp', precision: 's', shardDurationMs: hourS * secondMs },
    bytes: Buffer.from(lines),
    records: hours.length,
    parts: [{ file, endBytes: lines.length, records: hours.length }],
  };
  names.set(body, name);
  return firstWrites.deliver(body);
}

/** Returns the line of a body that lies in an hour. */
const line = (name: string, hour: number) => `${name} v=1 ${hour * hourS}`;

/** Lets everything run that waits for nothing but a promise. */
const turns = () => new Promise((resolve) => setImmediate(resolve));

async function stored(name: string, records?: number): Promise<void> {
  answers.get(name)?.stored(records);
  await turns();
}

describe('A new shard', () => {
  it('is opened by one record that goes alone; then bodies go at once, and the first brings that record again', async () => {
    for (const name of ['a', 'b', 'c']) void pass(name, [0, 0]);
    await turns();
    expect(sent).toEqual([line('a', 0)]);
    await stored(line('a', 0));
    expect(sent.slice(1).sort()).toEqual(['a', 'b', 'c']);
    void pass('d', [0]);
    expect(sent.slice(4)).toEqual(['d']);
  });

  it('does not hold up what goes to other shards, policies and databases', async () => {
    void pass('a', [0]);
    void pass('b', [1]);
    void pass('c', [0], { database: 'other' });
    void pass('d', [-1]);
    expect(sent).toEqual([line('a', 0), line('b', 1), line('c', 0), line('d', -1)]);
  });

  it.each([true, false])(
    'is waited for with every other shard of a body, which holds none before (times known: %s)',
    async (isProven) => {
      const options = { isProven };
      void pass('a', [0, 1, 0], options);
      void pass('b', [1, 2], options);
      void pass('c', [2, 0], options);
      void pass('d', [3], options);
      await turns();
      const first = [`${line('a', 0)}\n${line('a', 1)}`, line('d', 3)];
      expect(sent).toEqual(first); // b and c wait for a, and d for none
      await stored(first[0] ?? '');
      expect(sent.slice(2)).toEqual(['a', line('b', 2)]); // c needs 2, which b opens
      await stored(line('b', 2));
      expect(sent.slice(4).sort()).toEqual(['b', 'c']);
    },
  );

  it('is one that a record lies in, however far apart the times of its file are', async () => {
    void pass('a', [0, 100_000]);
    void pass('b', [50_000]);
    void pass('c', [100_000]);
    await turns();
    expect(sent).toEqual([`${line('a', 0)}\n${line('a', 100_000)}`, line('b', 50_000)]);
  });

  it('is opened by the whole body, if the server refuses its first record', async () => {
    for (const name of ['a', 'b']) void pass(name, [0, 0]);
    answers.get(line('a', 0))?.refused();
    await turns();
    expect(sent).toEqual([line('a', 0), 'a']);
    await stored('a', 1);
    expect(sent).toEqual([line('a', 0), 'a', 'b']);
  });

  it('is not open if nothing was stored in it, or if it is not known in which shards', async () => {
    void pass('a', [0]);
    void pass('b', [0, 1]);
    void pass('c', [0]);
    answers.get(line('a', 0))?.refused();
    await turns();
    await stored('a', 0);
    const both = `${line('b', 0)}\n${line('b', 1)}`;
    expect(sent).toEqual([line('a', 0), 'a', both]);
    answers.get(both)?.refused();
    await turns();
    await stored('b', 1);
    expect(sent.slice(3)).toEqual(['b', line('c', 0)]);
  });

  it('is opened by the next body, if the first one fails', async () => {
    const failing = pass('a', [0]);
    void pass('b', [0]);
    answers.get(line('a', 0))?.failed(new Error('the server is gone'));
    await expect(failing).rejects.toThrow('the server is gone');
    await turns();
    expect(sent).toEqual([line('a', 0), line('b', 0)]);
  });

  it('is also one in which nothing was stored for five seconds', async () => {
    void pass('a', [0]);
    await stored(line('a', 0));
    await stored('a');
    nowMs += 4_999;
    void pass('b', [0]);
    await stored('b');
    nowMs += 4_999;
    void pass('c', [0]);
    expect(sent.slice(2)).toEqual(['b', 'c']);
    nowMs += 1;
    void pass('d', [0]);
    expect(sent.slice(4)).toEqual([line('d', 0)]);
  });
});
