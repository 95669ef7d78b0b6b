import { parseLine } from '@ceres/lineproto';
import { randomFrom, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { LineGenerator } from '../../../lineproto/campaign/fuzz/generate';
import { MixedTypes } from '../../src/replay/deliver/types/mixed-types';

const isMixed = (...lines: readonly string[]) =>
  new MixedTypes().isIn(Buffer.from(lines.map((l) => `${l}\n`).join('')), 'ns');

describe('a body gives a field several types', () => {
  it.each([
    [['m v=1 1', 'm v=1i 2']],
    [['m v=1 1', 'm,t=a w="x",v=t 2']],
    [['m v=1 1', 'm v=1 2', 'm v=2 3', 'm v="=1,v" 4']],
    [['m a\\ b=1 1', 'm v=1 1', 'm a\\ b=F 2']],
    [['m\\,x v=1 1', 'm\\,x v=1i 1']],
    [['m\\x v=1 1', 'm\\x v=1i 1']],
    [['m s="a\\"b" 1', 'm s="a\nb" 2', 'm s=1 3']],
    [['m v=1,v=1i 1']],
    [['m time=1,v=1 1', 'm v=1i,time=1 1']],
    [['m v=N 1', 'm v=1 2', 'm v=T 3']],
    [['m,a\\ b=c v=1 1', 'm,a\\ b=c v=1i 1']],
    [['  m v=1 1', 'm  v=1i  1']],
    [['m v=1 1', 'm v=-1i -9223372036854775806']],
  ])('if it does: %j', (lines) => {
    expect(isMixed(...lines)).toBe(true);
  });

  it.each([
    [['m v=1 1', 'n v=1i 1', 'm,t=a v=2 2', 'mm v=t 1']],
    [['m v=1i 1', 'm w="v=1" 1', 'm,v=1 v=2i 1']],
    [['m time=1,v=1 1', 'm time=1i,v=1 1']],
    [['m v=1 1', 'm v=1i 99999999999999999999', 'm v=1u 1', 'm v=maybe 1', 'm v=1i,w= 1']],
    [['m v=1,v=1i 99999999999999999999']],
    [['m v=1,v=2 1', 'm v=.5e3 1', 'm v=-0 1']],
  ])('if it does not, nor a record that InfluxDB does not read: %j', (lines) => {
    expect(isMixed(...lines)).toBe(false);
  });

  it('each time alone: what one body had is nothing to the next one', () => {
    const types = new MixedTypes();
    expect(types.isIn(Buffer.from('m v=1 1\n'), 'ns')).toBe(false);
    expect(types.isIn(Buffer.from('m v=1i 1\nm v=2i 1\n'), 'ns')).toBe(false);
    expect(types.isIn(Buffer.from('m v=1 1\nm v=2i 1\n'), 'ns')).toBe(true);
  });

  it('exactly if the parsed records do, for any lines', () => {
    const types = new MixedTypes();
    const random = randomFrom(7);
    const generator = new LineGenerator(7);
    const below = (limit: number) => Math.floor(random() * limit);
    let mixed = 0;
    for (let body = 0; body < 400; body += 1) {
      generator.nextBatch();
      const lines = Array.from({ length: 1 + below(8) }, () => {
        const plain = `m${below(2)},t=${below(3)} f${below(6)}=${['1', '2i', '"x"', 't'][below(12)] ?? '3'},g=1 ${below(9)}`;
        return random() < 0.7 ? plain : generator.line(BigInt(below(9))).bytes.toString('latin1');
      });
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
      const expected = parsedAreMixed(bytes);
      if (expected === undefined) continue;
      expect(types.isIn(bytes, 'ns'), bytes.toString('latin1')).toBe(expected);
      if (expected) mixed += 1;
    }
    expect(mixed).toBeGreaterThan(20);
  });

  it.each<[string, (n: number) => string]>([
    ['fields', (n) => `m f${n}=1 1\n`],
    ['lines without a blank', (n) => `m${n}\n`],
    ['strings that do not end', () => 'm v="\n'],
  ])('which takes a time that grows with its size and no faster: %s', async (name, line) => {
    const prepare = (sizeBytes: number) => {
      const bytes = Buffer.from(Array.from({ length: sizeBytes / 25 }, (_, n) => line(n)).join(''));
      return () => new MixedTypes().isIn(bytes, 'ns');
    };
    expect(await superlinear([{ name, prepare }])).toEqual([]);
  });
});

/** Returns whether parsed records give a field several types; `undefined` if lines are records in another way than one by one. */
function parsedAreMixed(bytes: Buffer): boolean | undefined {
  const known = new Map<string, string>();
  for (const line of bytes.toString('latin1').split('\n').slice(0, -1)) {
    if (/["\0\r\t]|^\s|^#|^$/.test(line.replace(/="[a-z]*"/g, ''))) return undefined;
    let point: ReturnType<typeof parseLine>;
    try {
      point = parseLine(Buffer.from(line, 'latin1').toString('utf8'), { precision: 'ns' });
    } catch (error) {
      if (/given twice/.test(String(error))) return true;
      continue;
    }
    if (point.timestamp === undefined) continue;
    for (const [field, value] of Object.entries(point.fields)) {
      const key = JSON.stringify([point.measurement, field]);
      if ((known.get(key) ?? typeof value) !== typeof value) return true;
      known.set(key, typeof value);
    }
  }
  return false;
}
