import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RightOfWay } from '../../src/compile/threads/right-of-way';
import { compiled } from '../support/compile';
import { startMs, startS } from '../support/ground';

const TURNS = 3_000;

function fileOf(series: number) {
  const lines = Array.from({ length: series }, (_, i) => `m,t=${i} v=1 ${startS}\n`).join('');
  return { database: 'db', openedMs: startMs, lines };
}

/** Begins an upload, which lasts until the function that is returned is called. */
function beginUpload(way: RightOfWay): () => void {
  let end: () => void = () => undefined;
  void way.take(() => new Promise<void>((resolve) => (end = resolve)));
  return end;
}

async function turns(): Promise<void> {
  for (let i = 0; i < TURNS; i += 1) await turn();
}

describe('Compiling in the thread that uploads', () => {
  it('stands still while an upload is under way, since the server lets writers wait for it, and goes on after it', async () => {
    const way = new RightOfWay();
    const end = beginUpload(way);
    const events = new Set<string>();
    const compiling = compiled([fileOf(1)], {
      threads: 1,
      way,
      onRead: () => void events.add('read'),
    }).then(({ values }) => values.size);
    await turns();
    expect(events).toEqual(new Set());
    const endOther = beginUpload(way);
    end();
    await turns();
    expect(events).toEqual(new Set());
    endOther();
    expect(await compiling).toBe(1);
    expect(events).toEqual(new Set(['read']));
  });

  it('lets an upload go first in the middle of a shard, too', async () => {
    const waysGiven = async (series: number) => {
      let given = 0;
      const way = new RightOfWay();
      const giveWay = way.giveWay.bind(way);
      way.giveWay = async () => {
        given += 1;
        await giveWay();
      };
      expect((await compiled([fileOf(series)], { threads: 1, way })).values.size).toBe(series);
      return given;
    };
    // All lines of either are one batch.
    expect((await waysGiven(9_000)) - (await waysGiven(10))).toBe(2);
  });

  it('goes on after an upload that has failed', async () => {
    const way = new RightOfWay();
    await expect(way.take(() => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
    await way.giveWay();
  });
});
