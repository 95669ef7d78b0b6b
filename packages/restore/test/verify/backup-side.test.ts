import { tmpdir } from 'node:os';
import { fullSpeed, type Hash64, mixInto } from '@ceres/internal';
import { type ParsedPoint, parseLine } from '@ceres/lineproto';
import { HIGH, LOW } from '@ceres/tsm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveSelection } from '../../src/options/selection';
import { Keeper } from '../../src/read/copy/keeper';
import { FileReader } from '../../src/read/read-file';
import { SequenceGaps } from '../../src/read/sequence-gaps';
import type { ComparedPolicies } from '../../src/verify/compared-policies';
import { Columns, measurementKey, pointField } from '../../src/verify/digest/columns';
import { hashSeries, PointHash } from '../../src/verify/digest/point-hash';
import { cutTime } from '../../src/verify/digest/time-parts';
import { RecordScanner } from '../../src/verify/scan/record-scanner';
import { RecordShapes } from '../../src/verify/scan/record-shape';
import { BackupSide, type BackupSideSettings } from '../../src/verify/sides/backup-side';
import { backupOf, keyOf } from '../support/backup';

const startMs = Date.UTC(2024, 0, 10);
const startS = startMs / 1000;
const policy = { database: 'db', name: 'autogen', exists: true, durationMs: Infinity, from: undefined };

/** What was written, by point and field: the hash of the value, measurement and minute. The last write counts. */
type Written = Map<string, readonly (string | number)[]>;

async function readBySide(
  lines: readonly string[],
  measurements?: readonly string[],
  pace: BackupSideSettings['pace'] = fullSpeed,
): Promise<Written> {
  const file = { database: 'db', openedMs: startMs, lines: lines.map((line) => `${line}\n`).join('') };
  const storage = await backupOf(file);
  const columns = new Columns();
  const written: Written = new Map();
  const shapes = new RecordShapes(columns);
  const add = (
    keyHi: number,
    keyLo: number,
    shape: number,
    minute: number,
    fields: number,
    values: Int32Array | Uint32Array,
  ) => {
    const { pointColumn, columns: numbers } = shapes.all[shape] as RecordShapes['all'][number];
    const put = (value: Hash64, column: number) => {
      const { measurement, field } = columns.get(column);
      const key = `${keyHi >>> 0} ${keyLo >>> 0} ${field}`;
      written.set(key, [value.hi >>> 0, value.lo >>> 0, measurement, field, minute]);
    };
    put({ hi: 0, lo: 0 }, pointColumn);
    expect(fields).toBe(numbers.length);
    for (const [i, column] of numbers.entries()) {
      const content = { hi: keyHi, lo: keyLo };
      mixInto(content, values[2 * i + HIGH] ?? 0, values[2 * i + LOW] ?? 0);
      put(content, column);
    }
  };
  const selection = resolveSelection({ storage, instance: 'src', ...(measurements && { measurements }) });
  let scanner: RecordScanner | undefined;
  const side = new BackupSide({
    selection,
    reader: new FileReader(selection, new Keeper(tmpdir())),
    precision: 's',
    policies: { of: () => policy } as unknown as ComparedPolicies,
    summing: {
      add: async (bytes, scanned, precision) => {
        scanner ??= new RecordScanner(scanned, shapes, { add });
        scanner.scan(bytes, precision);
      },
      settled: async () => undefined,
      finish: async () => [],
      close: async () => undefined,
    },
    sequences: new SequenceGaps(),
    pace,
  });
  const key = keyOf(file);
  await side.read({ key, sizeBytes: 0 } as Parameters<BackupSide['read']>[0]);
  return written;
}

/** Returns what `parseLine` understands of each line on its own. It leaves out the lines that `parseLine` refuses. */
function readByParser(lines: readonly string[]): Written {
  const written: Written = new Map();
  const hash = new PointHash();
  for (const line of lines) {
    const point = parsed(line);
    if (point === undefined) continue;
    const { measurement, tags, fields, timestamp = 0n } = point;
    const key = measurementKey(policy.database, policy.name, measurement);
    const halves = { high: 0, low: 0 };
    cutTime(timestamp * 1_000_000_000n, halves);
    hash.begin(hashSeries(key, Object.entries(tags)), halves.high, halves.low);
    const pointKey = `${hash.point.hi} ${hash.point.lo}`;
    written.set(`${pointKey} ${pointField}`, [0, 0, measurement, pointField, hash.minute]);
    for (const [field, value] of Object.entries(fields)) {
      const name = toRaw(field);
      hash.field(typeof value === 'string' ? toRaw(value) : value);
      const { hi, lo } = hash.content;
      written.set(`${pointKey} ${name}`, [hi, lo, measurement, name, hash.minute]);
    }
  }
  return written;
}

/** Returns a text with one character for each of its bytes. */
const toRaw = (text: string) => Buffer.from(text).toString('latin1');

function parsed(line: string): ParsedPoint | undefined {
  try {
    return parseLine(line, { precision: 's' });
  } catch {
    return undefined;
  }
}

/** Returns two lines of one series. The first is parsed; the second is read in place, as every later line would be. */
const twice = (fieldSet: string) => [`m,t=a v=0 ${startS}`, `m,t=a ${fieldSet} ${startS + 1}`];

describe('the backup’s side of a comparison reads, like the parser,', () => {
  const numbers = ['0', '-0', '1.', '.5', '-.5', '0.1', '123456789.123456', '999999999999999', '0.000000000000001'];
  const longer = ['9007199254740993', '0.1234567890123456789', '1e300', '-5E-324', '00000000000000000.5', '1e-7'];
  const integers = ['0i', '-0i', '4294967296i', '-1i', '-4294967297i', '999999999999999i', '-999999999999999i'];
  const limits = ['1000000000000000i', '9223372036854775807i', '-9223372036854775808i', '0000000000000000001i'];
  const booleans = ['t', 'T', 'true', 'True', 'TRUE', 'f', 'F', 'false', 'False', 'FALSE'];
  const strings = ['""', '"a b,c=d"', '"é日本 𝄞"', '"a\\"b"', '"a\\\\"', '"a\nb"', '"5i"'];
  it.each([...numbers, ...longer, ...integers, ...limits, ...booleans, ...strings])('%s', async (value) => {
    const lines = twice(`v=${value}`);
    expect(await readBySide(lines)).toEqual(readByParser(lines));
  });

  it.each([
    ['a field that appears twice', 'v=1,w=2,v=3'],
    ['a field named time, which is left out', 'time=1,v=2'],
    ['other fields than before, in another order', 'w=1,v=2,vv=3'],
    ['a key with escapes', 'a\\ b=1,c\\,d=2,v=3'],
    ['a key with a quote', 'a"b=1,v=2'],
    ['spaces before the fields', '  v=1'],
    ['a key in another script', 'é日=1,v="x"'],
  ])('%s', async (_, fieldSet) => {
    const lines = twice(fieldSet);
    expect(await readBySide(lines)).toEqual(readByParser(lines));
  });

  it('any value in any mixture of fields', async () => {
    const name = fc.stringMatching(/^[a-zé]{1,3}$/);
    const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.nat({ max: 20 }));
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((float) => (Object.is(float, -0) ? '-0' : String(float))),
      decimal.map(([digits, point]) => `${digits}`.replace(new RegExp(`(?<=\\d)(?=\\d{${point}}$)`), '.')),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((integer) => `${integer}i`),
      fc.integer().map((integer) => `${integer}i`),
      fc.constantFrom(...booleans, ...strings),
    );
    const fieldSet = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(fieldSet, { minLength: 2, maxLength: 10 }), async (sets) => {
        const lines = sets.map(
          (set, i) => `m,t=a ${set.map(([key, text]) => `${key}=${text}`).join(',')} ${startS + i}`,
        );
        expect(await readBySide(lines)).toEqual(readByParser(lines));
      }),
    );
  });
});

it('reads no record of a measurement that is not selected, and none beyond InfluxDB’s range of times', async () => {
  const lines = [...twice('v=1'), `other v=1 ${startS}`, `other v=2 ${startS + 1}`];
  expect(await readBySide(lines, ['m'])).toEqual(readByParser(twice('v=1')));
  expect(await readBySide([...twice('v=1'), 'm,t=a v=1 9999999999'])).toEqual(readByParser(twice('v=1')));
});

it('pauses after each batch', async () => {
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const lines = Array.from({ length: 20_000 }, (_, n) => `m,t=a v=${n} ${startS + n}`);
  expect((await readBySide(lines, undefined, { pause })).size).toBe(2 * lines.length);
  expect(pauses).toBeGreaterThan(0);
});
