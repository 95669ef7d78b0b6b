import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineRecord, scanLines } from '../../src/index';
import { skimLines } from '../../src/internal';

/** Pieces that make plain lines likely, and every other kind possible. */
const piece = fc.constantFrom(
  ...[
    'm',
    ',a=1',
    ',b=\\ x',
    ' ',
    'v=1',
    'v="a b"',
    's="x\ny"',
    's="\\"q"',
    ' 12',
    ' -7',
    ' x',
    '\t',
    '\\',
    '"',
    '=',
    'é',
  ],
);
const line = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.tuple(fc.nat(9), fc.nat(9)).map(([tag, time]) => `m,a=${tag} v=1,w=2i ${time}`),
);

/** Returns whether a line may stand in a file's batch, which holds no blank lines and comments. */
const isRecord = (text: string) => text.trim() !== '' && !text.trim().startsWith('#');

describe('skimLines', () => {
  it('finds the records that scanLines finds, with the same bounds for every record that InfluxDB would take', () => {
    fc.assert(
      fc.property(fc.array(line.filter(isRecord), { maxLength: 6 }), fc.boolean(), (lines, endsInLf) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join('')).subarray(0, endsInLf ? undefined : -1);
        const expected = [...scanLines(bytes)].length;
        const found = [...skimLines(bytes)].length;
        expect(found).toBe(expected);
        const routed = skimLines(bytes);
        for (const record of scanLines(bytes)) {
          const own = routed.next().value;
          expect(own).toMatchObject({ start: record.start, end: record.end });
          if (record.timestamp === undefined) continue;
          expect(copy(own ?? undefined)).toEqual(copy(record));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function copy(record: LineRecord | undefined) {
  if (record === undefined) return undefined;
  const { start, seriesEnd, end, timestamp } = record;
  return { start, seriesEnd, end, timestamp };
}
