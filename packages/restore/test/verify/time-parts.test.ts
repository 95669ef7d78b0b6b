import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutTime, minuteOf } from '../../src/verify/digest/time-parts';

const minuteNs = 60_000_000_000n;
const [earliest, latest] = [-(2n ** 63n), 2n ** 63n - 1n];

it('the minute of a time is right to the nanosecond, also at the ends of time', () => {
  const anywhere = fc.bigInt({ min: earliest, max: latest });
  const nearMinute = fc
    .tuple(fc.bigInt({ min: earliest / minuteNs, max: latest / minuteNs }), fc.bigInt({ min: -3_000n, max: 3_000n }))
    .map(([minute, more]) => minute * minuteNs + more)
    .filter((time) => time >= earliest && time <= latest);
  const halves = { high: 0, low: 0 };
  fc.assert(
    fc.property(fc.oneof(nearMinute, anywhere, fc.constantFrom(earliest, latest, -1n, 0n, 1n)), (time) => {
      const rest = ((time % minuteNs) + minuteNs) % minuteNs;
      const expected = Number((time - rest) / minuteNs);
      cutTime(time, halves);
      expect(minuteOf(halves.high, halves.low)).toBe(expected);
      expect(minuteOf(halves.high | 0, halves.low | 0)).toBe(expected);
    }),
    { numRuns: 3_000 },
  );
});
