import { scanLines, validateLines } from '@ceres/lineproto';
import { skimLines } from '@ceres/lineproto/internal';
import { MemoryStorage } from '@ceres/storage';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ResolvedSelection, resolveSelection } from '../../src/options/selection';
import type { FileInFlight } from '../../src/replay/account/file-in-flight';
import { RecordFilter } from '../../src/replay/route/record-filter';

function filterOf(selection: Partial<ResolvedSelection>): RecordFilter {
  return new RecordFilter({
    header: {},
    precision: 's',
    selection: { ...resolveSelection({ storage: new MemoryStorage(), instance: 'src' }), ...selection },
    keptFrom: undefined,
  });
}

/** Returns those of the lines that are sent. */
function admitted(lines: readonly string[], selection: Partial<ResolvedSelection>): string[] {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const filter = filterOf(selection);
  const file = { rejectUnsent: () => undefined } as unknown as FileInFlight;
  const sent: string[] = [];
  for (const record of skimLines(bytes)) {
    if (filter.admits(file, bytes, record)) sent.push(bytes.toString('utf8', record.start, record.end));
  }
  return sent;
}

describe('RecordFilter', () => {
  it.each([',a=b v=1 1', ', v=1 1', '  ,x=1 v=1 1'])(
    'leaves out %j, which has no measurement, and goes on with the rest of the file',
    (bad) => {
      const good = ['m,t=a v=1 1', 'm,t=a v=2 2'];
      const selection = { measurements: new Set(['m']) };
      expect(admitted([good[0] as string, bad, 'other v=1 1', good[1] as string], selection)).toEqual(good);
    },
  );

  it('recognizes a measurement however its name is escaped', () => {
    const lines = ['a\\ b v=1 1', 'a\\,b,t=x v=1 1', 'a v=1 1'];
    expect(admitted(lines, { measurements: new Set(['a b', 'a,b']) })).toEqual(lines.slice(0, 2));
  });

  it('keeps back every record without a timestamp, whatever blanks follow its fields, and no other', () => {
    const [blank, blanks] = [
      fc.constantFrom(' ', '\t', '\0'),
      fc.constantFrom('', ' ', '  ', '\t', '\0', ' \t ', '\0 '),
    ];
    const fields = fc.constantFrom('v=1', 'v=1i', 's="a b 1"', 's="x\ny 2"', 'a\\ b=t', 'v=1,w="\\" 3"');
    const time = fc.constantFrom('', '5', '-5', '0', '9223372036854775806');
    const record = fc.tuple(fields, blank, blanks, time, blanks).map((parts) => `m,t=a ${parts.join('')}`);
    const property = fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), (lines) => {
      const isValid = (line: string) => validateLines(Buffer.from(line)).next().done === true;
      const sent = admitted(lines, {}).filter(isValid);
      // The scanner is the judge, and knows one record at a time.
      const expected = lines.filter((line) => {
        return isValid(line) && [...scanLines(Buffer.from(line))].some(({ timestamp }) => timestamp !== undefined);
      });
      expect(sent).toEqual(expected);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  /** Returns the lines that are sent, and those that are kept back, each with its reason. */
  function filtered(text: string) {
    const bytes = Buffer.from(text, 'latin1');
    const rejected: string[] = [];
    const file = {
      rejectUnsent: (code: string, line: Buffer) => rejected.push(`${code} ${line.toString('latin1')}`),
    } as unknown as FileInFlight;
    const filter = filterOf({});
    const sent: string[] = [];
    for (const record of skimLines(bytes)) {
      if (filter.admits(file, bytes, record)) sent.push(bytes.toString('latin1', record.start, record.end));
    }
    return { sent, rejected };
  }

  it('keeps back a name that is not UTF-8, with its reason, and sends all other records of the file', () => {
    const { sent, rejected } = filtered('m,t=a v=1 1\nm \xff=1 2\n\xfe v=1 3\nm,t=\xff s="\xff" 4\nm v=5 5\n');
    expect(sent).toEqual(['m,t=a v=1 1', 'm,t=\xff s="\xff" 4', 'm v=5 5']);
    expect(rejected).toEqual(['INVALID_NAME m \xff=1 2', 'INVALID_NAME \xfe v=1 3']);
  });

  it('keeps back a series key that is too long, on which InfluxDB would spend a time that grows with its square', () => {
    const keyOf = (bytes: number) => `m,t=${'a'.repeat(bytes - 'm,t='.length)}`;
    const { sent, rejected } = filtered(`${keyOf(65_535)} v=1 1\n${keyOf(65_536)} v=1 2\nm v=3 3\n`);
    expect(sent).toEqual([`${keyOf(65_535)} v=1 1`, 'm v=3 3']);
    expect(rejected).toEqual([`KEY_TOO_LONG ${keyOf(65_536)} v=1 2`]);
  });
});
