import { systemClock } from '@ceres/internal';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SinkError } from '../../src/index';
import { refuseWrite } from '../../src/lines/checked-lines';
import { encodeRawLines } from '../../src/lines/raw-lines';
import { encodeRawLinesInSteps } from '../../src/lines/raw-slices';
import { Stamper } from '../../src/lines/stamper';
import { errorOf, openSink, storedTexts, to } from '../sink-harness';

const many = 5_000;

/** Bodies that take many steps. */
const bodies: Readonly<Record<string, string>> = {
  'good lines': numbered((n) => `m,t=${n} v=${n} ${n}\n`),
  'lines without a timestamp': numbered((n) => `m,t=${n} v=${n}\n`),
  'a last line without LF': `${numbered((n) => `m v=${n} ${n}\n`)}m v=1 1`,
  'comments and blank lines between': numbered((n) => `# ${n}\n\n \nm v=${n} ${n}\n`),
  'strings that hold lines and comments': numbered((n) => `m v="a\n# ${n}\n\n" ${n}\n`),
  'bad lines between': numbered((n) => (n % 10 === 3 ? `m v=${n}x ${n}\n` : `m v=${n} ${n}\n`)),
  'times that the precision cannot hold': numbered((n) => `m v=${n} ${n % 100 === 7 ? '9223372036854775807' : n}\n`),
  'a string that is never closed': `${numbered((n) => `m v=${n} ${n}\n`)}m v="${'a\n'.repeat(50_000)}`,
  'one long line between': `m v=1 1\nm v="${'é'.repeat(400_000)}" 2\nm v=3 3\n`,
  'a long line without a timestamp': `m v=1 1\n \tm ${numbered((n) => `f${n}=${n}i,`)}g="${'a\n'.repeat(90_000)}"\nm v=3 3\n`,
  'long lines that are bad': `m v="${'a'.repeat(200_000)}" 1x\nm v=${'1'.repeat(200_000)}i 1\n`,
  'a long line with a time that the precision cannot hold': `m v="${'a'.repeat(200_000)}" 9223372036854775807\n`,
  'a long line from before 1970': `m v="${'a'.repeat(200_000)}" -1 \n`,
  'only comments': '# a\n'.repeat(30_000),
};

function numbered(line: (n: number) => string): string {
  return Array.from({ length: many }, (_, n) => line(n)).join('');
}

function rules() {
  return {
    precision: 'ns',
    onPrecisionLoss: 'refuse',
    stampsIn: 'ns',
    stamper: new Stamper(() => 1e12, 'ns'),
  } as const;
}

describe('Raw lines that are encoded in steps', () => {
  it.each(Object.entries(bodies))('become what they become at once: %s', (_, text) => {
    const bytes = Buffer.from(text);
    for (const [from, lines] of [
      ['ns', bytes],
      ['s', text],
    ] as const) {
      const whole = encodeRawLines(bytes, from, rules(), () => undefined);
      const steps = encodeRawLinesInSteps(lines, from, rules(), () => undefined);
      let count = 0;
      let step = steps.next();
      for (; !step.done; step = steps.next()) count += 1;
      const { rejects, ...encoded } = step.value;
      expect(count).toBeGreaterThan(bytes.length / (64 * 1024));
      expect(Buffer.from(whole.bytes).equals(encoded.bytes)).toBe(true);
      expect(encoded.lines).toBe(whole.lines);
      expect(rejects.map(({ index, bytes }) => [index, Buffer.from(bytes).toString()])).toEqual(
        whole.rejects.map(({ index, bytes }) => [index, Buffer.from(bytes).toString()]),
      );
      expect(rejects.map(({ error }) => error.message)).toEqual(whole.rejects.map(({ error }) => error.message));
      if (whole.summary !== undefined) expect(encoded.summary).toEqual(whole.summary);
    }
    expect(bytes.toString() === text).toBe(true);
  });

  it('are refused with the number of the record that is bad', () => {
    const bytes = Buffer.from(`${bodies['good lines']}m v=1x\n`);
    const steps = encodeRawLinesInSteps(bytes, 'ns', rules(), refuseWrite);
    expect(() => [...steps]).toThrow(`(record ${many}, column 5)`);
  });
});

describe('A large write of raw lines', () => {
  it('lets the event loop run, and what comes after it in its partition stays behind it', async () => {
    let turn = 0;
    const turnsOfLines = new Set<number>();
    const nextTurn = () => {
      turn += 1;
      ticker = setImmediate(nextTurn);
    };
    let ticker = setImmediate(nextTurn);
    onTestFinished(() => clearImmediate(ticker));
    /** Asked for the time of each line that has none. */
    const now = () => {
      turnsOfLines.add(turn);
      return Date.now();
    };
    const { sink, storage } = await openSink({ precision: 'ns', clock: { ...systemClock, now } });
    turnsOfLines.clear();
    await Promise.all([
      sink.write(to, { lines: `${'m v=1\n'.repeat(40_000)}m,t=last v=1\n`, precision: 'ns' }),
      sink.write(to, { lines: 'm,t=behind v=1 1\n', precision: 'ns' }),
    ]);
    expect(turnsOfLines.size).toBeGreaterThan(2);
    await sink.flush();
    const texts = [...(await storedTexts(storage)).values()];
    const lines =
      texts
        .find((text) => text.includes('t=behind'))
        ?.split('\n')
        .filter((line) => line.startsWith('m')) ?? [];
    expect(lines).toHaveLength(40_002);
    expect(lines.at(-1)).toBe('m,t=behind v=1 1');
    expect(lines.at(-2)).toMatch(/^m,t=last v=1 \d+$/);
  });

  it('is refused whole for one bad line, and what comes after it is written', async () => {
    const { sink, storage } = await openSink({ precision: 'ns' });
    const large = errorOf(sink.write(to, { lines: `${bodies['lines without a timestamp']}m v=x\n`, precision: 'ns' }));
    const small = sink.write(to, { lines: 'm v=1 1\n', precision: 'ns' });
    expect(await large).toMatchObject({ code: 'INVALID_DATA', message: expect.stringContaining(`record ${many}`) });
    expect(await large).toBeInstanceOf(SinkError);
    await small;
    await sink.flush();
    const [text = ''] = (await storedTexts(storage)).values();
    expect(text.split('\n').filter((line) => line.startsWith('m'))).toEqual(['m v=1 1']);
  });
});
