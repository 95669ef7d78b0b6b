import type { Point } from '@ceres/lineproto';
import { describe, expect, it } from 'vitest';
import { PointEncoder } from '../../src/lines/points';
import { Stamper } from '../../src/lines/stamper';

const many = 3_000;

/** Batches that take several steps. */
const batches: Readonly<Record<string, (n: number) => Point>> = {
  'good points': (n) => ({ measurement: 'm', tags: { t: String(n) }, fields: { v: n }, timestamp: n }),
  'points without a timestamp': (n) => ({ measurement: 'm', fields: { v: n } }),
  'some points without a timestamp': (n) => ({
    measurement: 'm',
    fields: { v: n },
    ...(n % 1_000 < 600 && { timestamp: n }),
  }),
  'some bad points': (n) => ({ measurement: 'm', fields: { v: n % 700 === 5 ? Number.NaN : n }, timestamp: n }),
  'strings with newlines': (n) => ({ measurement: 'm', fields: { v: `a\n${n}` }, timestamp: n }),
};

describe('Points that are encoded in steps', () => {
  it.each(Object.entries(batches))('become what they become at once: %s', (_, point) => {
    const points = Array.from({ length: many }, (_, n) => point(n));
    const encoder = () => new PointEncoder('ns', 'refuse', new Stamper(() => 1e12, 'ns'));
    const steps = encoder().encodeInSteps(points, () => undefined);
    let count = 0;
    let step = steps.next();
    for (; !step.done; step = steps.next()) count += 1;
    const whole = encoder().encode(points, () => undefined);
    expect(count).toBeGreaterThan(10);
    expect(Buffer.from(step.value.bytes).toString()).toBe(Buffer.from(whole.bytes).toString());
    expect(step.value).toMatchObject({ lines: whole.lines, summary: whole.summary });
    const rejects = ({ rejects }: typeof whole) => rejects.map(({ index, error }) => [index, error.message]);
    expect(rejects(step.value)).toEqual(rejects(whole));
  });
});
