import { expect, it } from 'vitest';
import type { PendingFile } from '../../src/heartbeat/contents';
import { formatKey } from '../../src/keys/format-key';
import { readOpenSince } from '../../src/ledger/open-since';
import { Bucket, hour, minute, ScriptedSink, site6, startMs, uuid } from './bucket';

const [first, second] = ['5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11', '6d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11'];

/** A file in a spool that was opened at a time. */
function pending(state: PendingFile['state'], openedMs: number): PendingFile {
  const key = formatKey({ ...site6, day: '20261126', id: uuid(openedMs) });
  return { state, key, lines: 1, sinceMs: openedMs };
}

it('a sink has open what its newest heartbeat says, and what it opened after that', async () => {
  const bucket = new Bucket();
  const sink = new ScriptedSink(bucket, first);
  await sink.say(startMs, { pending: [pending('open', startMs - hour)] });
  await sink.say(startMs + hour, {
    pending: [
      pending('spooled', startMs - 2 * hour),
      pending('open', startMs + 9 * minute),
      pending('open', startMs + 8 * minute),
    ],
  });
  await new ScriptedSink(bucket, second).say(startMs + 2 * minute);
  const open = await readOpenSince(bucket, site6.instance);
  expect(open.map(({ sink: { sink: id, isClosed, firstMs }, ms }) => ({ id, isClosed, firstMs, ms }))).toEqual([
    { id: first, isClosed: false, firstMs: startMs, ms: startMs + 8 * minute },
    { id: second, isClosed: false, firstMs: startMs + 2 * minute, ms: startMs + 2 * minute },
  ]);
  expect(await readOpenSince(bucket, 'another')).toEqual([]);
});
