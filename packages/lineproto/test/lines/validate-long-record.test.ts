import { randomFrom } from '@ceres/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanLines, validateLines } from '../../src';
import { validateLongRecord } from '../../src/internal';

/** Runs all steps; returns what came of it, and how many steps there were. */
function run(bytes: Buffer) {
  const work = validateLongRecord(bytes, 'ns');
  for (let steps = 1; ; steps += 1) {
    const { done, value } = work.next();
    if (done === true) return { result: value, steps };
  }
}

/** Returns what the ways for short records say of the same bytes. */
function expected(bytes: Buffer) {
  const [invalid] = validateLines(bytes);
  if (invalid !== undefined) return { code: invalid.error.code };
  const [record] = scanLines(bytes);
  return record && { ...record, hasInnerNewline: bytes.subarray(0, record.end).includes('\n') };
}

function outcomeOf(bytes: Buffer) {
  const { error, timestampStart: _, timestampEnd: __, ...record } = run(bytes).result;
  return error ? { code: error.code } : record;
}

const long = 'x'.repeat(300_000);
const fields = Array.from({ length: 40_000 }, (_, n) => `f${n}=${n}i`).join(',');

describe('A record of megabytes', () => {
  it.each([
    ['one string', `m v="${long}" 1\n`],
    ['a string that holds line feeds', `m v="${'x\n'.repeat(100_000)}" 1\n`],
    ['escaped quotes', `m v="${'\\"'.repeat(100_000)}" 1\n`],
    ['escaped backslashes, then a quote', `m v="${'\\\\'.repeat(100_000)}" 1\n`],
    ['many fields', `m ${fields} 1\n`],
    ['many fields, and one of them again with another type', `m ${fields},f7="a" 1\n`],
    ['many fields, the last without a value', `m ${fields},f 1\n`],
    ['no LF', `m v="${long}" 1`],
    ['blanks before it', ` \t m v="${long}" 1\n`],
    ['no timestamp', `m v="${long}"\n`],
    ['a timestamp out of range', `m v="${long}" 9223372036854775807\n`],
    ['a string that is never closed', `m v="${long}\n`],
    ['more after the timestamp', `m v="${long}" 1 1\n`],
    ['digits', `m v=${'1'.repeat(300_000)} 1\n`],
    ['digits that end in a letter', `m v=${'1'.repeat(300_000)}z 1\n`],
    ['an integer', `m v=${'1'.repeat(300_000)}i 1\n`],
    ['a long measurement', `${long} v=1 1\n`],
    ['a long tag value', `m,t=${long} v=1 1\n`],
    ['a long field key', `m ${long}=1 1\n`],
    ['a lone quote as a value', `m v="${long}",a\\\\=" 1\n`],
    ['nothing but a name', `${'m '.repeat(2)}${long}\n`],
    ['only fields named time', `m time=1${',time=1'.repeat(50_000)} 1\n`],
    ['blanks before the fields', `m${' '.repeat(600_000)}v=1 1\n`],
    ['blanks before the timestamp', `m v=1${' '.repeat(600_000)}1\n`],
    ['blanks behind the timestamp', `m v=1 1${' '.repeat(600_000)}\n`],
    ['more behind blanks behind the timestamp', `m v=1 1${' '.repeat(600_000)}1\n`],
    ['nothing but blanks behind the fields', `m v=1${' '.repeat(600_000)}\n`],
    ['a timestamp with zeros before it', `m v=1 ${'0'.repeat(200_000)}1\n`],
    ['many fields, and a tag value that is not UTF-8', Buffer.from(`m,t=\xff ${fields} 1\n`, 'latin1')],
    ['many fields, and the last key is not UTF-8', Buffer.from(`m ${fields},\xff=1i 1\n`, 'latin1')],
    ['many fields, and the measurement is not UTF-8', Buffer.from(`\xff ${fields} 1\n`, 'latin1')],
    ['a field key that is not UTF-8', Buffer.from(`m v="${long}",\xff=1 1\n`, 'latin1')],
  ])('is judged as a short one is: %s', (_, text) => {
    const bytes = Buffer.from(text);
    expect(outcomeOf(bytes)).toEqual(expected(bytes));
  });

  it('is walked in steps', () => {
    expect(run(Buffer.from(`m v="${'x'.repeat(4_000_000)}" 1\n`)).steps).toBeGreaterThan(150);
  });

  it.each([
    ['blanks before it', `${' '.repeat(4_000_000)}m v=1 1\n`, 75],
    ['blanks before the fields', `m${' '.repeat(4_000_000)}v=1 1\n`, 75],
    ['blanks before the timestamp', `m v=1${' '.repeat(4_000_000)}1\n`, 75],
    ['blanks behind the timestamp', `m v=1 1${' '.repeat(4_000_000)}\n`, 75],
    ['keys that may not be UTF-8', Buffer.from(`m,t=\xff ${fields} 1\n`, 'latin1'), 45],
  ])('is walked in steps, whatever is long in it: %s', (_, text, stepsMin) => {
    const bytes = Buffer.from(text);
    expect(run(bytes).steps).toBeGreaterThan(stepsMin);
  });

  it('is refused with a timestamp of over 256 KiB, though its value may be in range', () => {
    expect(outcomeOf(Buffer.from(`m v=1 ${'0'.repeat(300_000)}1\n`))).toEqual({ code: 'INVALID_TIMESTAMP' });
    expect(outcomeOf(Buffer.from(`m v=1 -${'1'.repeat(300_000)}\n`))).toEqual({ code: 'INVALID_TIMESTAMP' });
  });

  it('is refused with more than 200,000 fields, or a number of over 512 KiB', () => {
    expect(outcomeOf(Buffer.from(`m v=1${',v=1'.repeat(200_001)} 1\n`))).toEqual({ code: 'INVALID_VALUE' });
    expect(outcomeOf(Buffer.from(`m v=0.${'1'.repeat(600_000)} 1\n`))).toEqual({ code: 'SYNTAX' });
  });

  it('is judged as a short one is, wherever a step ends', () => {
    const seed = Date.now() % 1e9;
    const parts = ['\\', '"', ',', '=', ' ', 'a', '1', 'i', '\\"', '="', '",', '\n', 'é'];
    const random = randomFrom(seed);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 40 }), (middle) => {
        // The odd part lies across the end of a step, which is 64 KiB long.
        const before = 'x'.repeat(65_536 - 20 - Math.floor(random() * 20));
        const bytes = Buffer.from(`m v="${before}${middle.join('')}",w=1,x="${long.slice(0, 1_000)}" 1\n`);
        const [first, ...more] = [...scanLines(bytes)];
        fc.pre(first !== undefined && more.length === 0);
        expect(outcomeOf(bytes)).toEqual(expected(bytes));
      }),
      { seed, numRuns: 150 },
    );
  });
});
