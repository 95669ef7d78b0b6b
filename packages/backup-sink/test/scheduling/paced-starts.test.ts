import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Draining } from '../../src/scheduling/draining';
import { PacedStarts } from '../../src/scheduling/turns';
import type { SpoolFile } from '../../src/spool/files/spool-file';
import type { SpoolWork } from '../../src/spool/spool-work';

/** Returns how many came in each turn of the event loop until there are `count`. */
async function countsPerTurn(count: number, sofar: () => number): Promise<number[]> {
  const counts = [sofar()];
  for (let before = sofar(); before < count; before = sofar()) {
    await nextTurn();
    counts.push(sofar() - before);
  }
  return counts;
}

describe('Work that is started all at once', () => {
  it('begins at once if it is little', () => {
    const starts = new PacedStarts();
    const begun: number[] = [];
    for (let n = 0; n < 16; n += 1) starts.start(() => begun.push(n));
    expect(begun).toHaveLength(16);
  });

  it('begins in the order of the calls, and at most 16 pieces of it in a turn of the event loop', async () => {
    const starts = new PacedStarts();
    const begun: number[] = [];
    for (let n = 0; n < 100; n += 1) starts.start(() => begun.push(n));
    const counts = await countsPerTurn(100, () => begun.length);
    expect(Math.max(...counts)).toBe(16);
    expect(begun).toEqual([...Array(100).keys()]);
  });

  it('keeps its order if more comes while some of it waits', async () => {
    const starts = new PacedStarts();
    const begun: string[] = [];
    for (let n = 0; n < 17; n += 1) starts.start(() => begun.push('first'));
    starts.start(() => begun.push('second'));
    await countsPerTurn(18, () => begun.length);
    expect(begun.indexOf('second')).toBe(17);
  });
});

it('Files that are sealed together are drained in turns, and all have ended when nothing runs any more', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const drain = async ({ lines }: SpoolFile) => {
    begun.push(lines);
    await nextTurn();
    ended.push(lines);
  };
  const draining = new Draining(drain, {} as SpoolWork);
  for (let n = 0; n < 100; n += 1) draining.start({ lines: n } as SpoolFile);
  expect(begun.length).toBe(16);
  await draining.idle();
  expect(ended).toEqual([...Array(100).keys()]);
});
