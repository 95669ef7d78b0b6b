import { describe, expect, it } from 'vitest';
import { KeptLines, LinesRoom } from '../../src/read/copy/kept-lines';

const batch = (text: string) => ({ bytes: Buffer.from(text), lines: 1 });

async function textOf(kept: KeptLines): Promise<string> {
  let text = '';
  for await (const { bytes } of kept.take()) text += Buffer.from(bytes).toString();
  return text;
}

describe('The lines of a proven file', () => {
  it('are kept in their order, and free their room as they are used', async () => {
    const room = new LinesRoom(10);
    const kept = new KeptLines(room, 8);
    for (const text of ['1234', '5678']) kept.add(batch(text));
    expect([kept.isWhole, room.freeBytes]).toEqual([true, 2]);
    for await (const _ of kept.take()) break;
    expect(room.freeBytes).toBe(6);
    expect(await textOf(kept)).toBe('5678');
    expect(room.freeBytes).toBe(10);
    kept.close();
    expect(room.freeBytes).toBe(10);
  });

  it('are all kept or none, and what is not kept takes no room', async () => {
    const room = new LinesRoom(10);
    const first = new KeptLines(room, 4);
    const second = new KeptLines(room, 4);
    for (const text of ['1234', '56']) first.add(batch(text));
    for (const text of ['abcd', 'e', 'f']) second.add(batch(text));
    expect([first.isWhole, second.isWhole, room.freeBytes]).toEqual([true, false, 4]);
    expect(await textOf(second)).toBe('');
    expect(await textOf(first)).toBe('123456');
    expect(room.freeBytes).toBe(10);
  });

  it('are not kept if more are expected than there is room for, and are forgotten when closed', () => {
    const room = new LinesRoom(10);
    const large = new KeptLines(room, 11);
    large.add(batch('1'));
    const closed = new KeptLines(room, 10);
    closed.add(batch('1234567890'));
    closed.close();
    expect([large.isWhole, closed.isWhole, room.freeBytes]).toEqual([false, false, 10]);
  });
});
