import { describe, expect, it } from 'vitest';
import type { FileInFlight } from '../../src/replay/account/file-in-flight';
import { Delivery } from '../../src/replay/deliver/delivery';
import type { Decision, Poster } from '../../src/replay/deliver/poster';
import type { Body } from '../../src/replay/route/body';

const hourS = 3_600;

/** Makes a body of records `stepS` apart, for a policy with shards of one hour. */
function bodyOf(records: number, stepS: number): Body {
  const lines = Array.from({ length: records }, (_, n) => `m v=${n} ${n * stepS}\n`).join('');
  const counts = { stored: () => undefined, rejected: () => undefined, typeConflict: () => undefined };
  const file = { ...counts, rejects: { spill: async () => undefined } } as unknown as FileInFlight;
  return {
    to: { database: 'db', retentionPolicy: 'rp', precision: 's', shardDurationMs: hourS * 1_000 },
    bytes: Buffer.from(lines),
    records,
    parts: [{ file, endBytes: lines.length, records }],
  };
}

/** Delivers a body to a server that gives these answers, and returns the calls in order. */
async function callsOf(body: Body, answers: readonly Decision[]): Promise<string[]> {
  const calls: string[] = [];
  const left = [...answers];
  const poster = {
    post: async (_: Uint8Array, records: number) => {
      calls.push(`post ${records}`);
      return left.shift() ?? { kind: 'stored' };
    },
    settle: async () => void calls.push('settle'),
  };
  await new Delivery(poster as unknown as Poster, 'http://h').deliver(body);
  return calls;
}

const conflict: Decision = {
  kind: 'partly',
  code: 'TYPE_CONFLICT',
  dropped: 1,
  message: '',
  ambiguous: true,
};

describe('Delivery', () => {
  it('sends nothing after a fault of one shard until the others have finished, even if nothing is left to send', async () => {
    const allBad: Decision = { ...conflict, dropped: 2 };
    expect(await callsOf(bodyOf(2, hourS), [allBad])).toEqual(['post 2', 'settle']);
    expect(await callsOf(bodyOf(2, hourS), [{ ...conflict }, conflict])).toEqual([
      'post 2',
      'settle',
      'post 1',
      'post 1',
      'post 1',
      'post 2',
    ]);
    const refused: Decision = { kind: 'refused', code: 'MIXED_TYPES', message: '', ambiguous: true };
    expect(await callsOf(bodyOf(2, hourS), [refused])).toEqual(['post 2', 'settle', 'post 1', 'post 1', 'post 2']);
  });

  it('waits for no other shard if all records are in one, or if the answer is certain', async () => {
    expect(await callsOf(bodyOf(2, 1), [{ ...conflict, dropped: 2 }])).toEqual(['post 2']);
    const { ambiguous: _, ...certain } = { ...conflict, dropped: 2 };
    expect(await callsOf(bodyOf(2, hourS), [certain])).toEqual(['post 2']);
  });
});
