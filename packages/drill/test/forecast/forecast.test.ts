import { describe, expect, it } from 'vitest';
import { timeFor } from '../../src/forecast/fit';
import { forecastRestore } from '../../src/forecast/forecast';
import { testMachine, timed } from '../support/certificate';

const million = 1_000_000;
const forecast = (certificates: Parameters<typeof forecastRestore>[0]['certificates'], more = {}) =>
  forecastRestore({
    certificates,
    route: 'native',
    bytes: 50 * million,
    lines: million,
    machine: testMachine,
    ...more,
  });

describe('the forecast of a restore', () => {
  it('tells what every restore costs from what each line costs', () => {
    const drills = [timed(0.1 * million, 3), timed(0.5 * million, 7)];
    expect(forecast(drills)).toMatchObject({ seconds: 12, drills: 2, largestShare: 0.5, isOtherMachine: false });
  });

  it('grows with the size alone where all drills were of one size', () => {
    expect(forecast([timed(0.5 * million, 6)])).toMatchObject({ seconds: 12 });
  });

  it('goes by compressed bytes where the lines are not known', () => {
    expect(forecast([timed(0.5 * million, 6)], { lines: undefined, bytes: 100 * million })).toMatchObject({
      seconds: 24,
    });
  });

  it('is not misled by one drill that was disturbed', () => {
    const drills = [1, 2, 3, 4, 5].map((n) =>
      timed(n * 0.1 * million, 2 + n, { began: `2026-11-0${n}T00:00:00.000Z` }),
    );
    const disturbed = timed(0.25 * million, 60, { began: '2026-11-09T00:00:00.000Z' });
    expect(forecast([...drills, disturbed])).toMatchObject({ seconds: expect.closeTo(12, 0), drills: 6 });
  });

  it.each([
    ['there is no drill', [], {}, 'no drill has passed yet'],
    ['no drill has passed', [timed(million, 10, { verdict: 'FAIL' })], {}, 'no drill has passed yet'],
    ['the backup has a gap', [timed(million, 10)], { gap: '1 file missing' }, 'the backup has a gap: 1 file missing'],
    ['no drill went by that route', [timed(million, 10)], { route: 'write' }, 'run `ceres drill --route write`'],
    [
      'drills restored too little of it',
      [timed(million, 10)],
      { lines: 20 * million },
      'the largest drill restored 5.0 % of this',
    ],
    ['a drill restored nothing', [timed(0, 1)], {}, 'the drills restored nothing'],
  ])('is withheld, with the reason, if %s', (_what, drills, more, reason) => {
    expect(forecast(drills, more)).toEqual({ withheld: expect.stringContaining(reason) });
  });

  it('prefers drills on machines like this one, and says so if there are none', () => {
    const other = { ...testMachine, cpu: 'Other CPU' };
    const drills = [timed(million, 99, { machine: other, began: '2026-11-09T00:00:00.000Z' }), timed(million, 10)];
    expect(forecast(drills)).toMatchObject({ seconds: 10, cpu: 'Test CPU', isOtherMachine: false });
    expect(forecast(drills.slice(0, 1))).toMatchObject({ seconds: 99, cpu: 'Other CPU', isOtherMachine: true });
  });

  it('forgets drills before the last twelve', () => {
    const began = (n: number) => `2026-11-${String(n).padStart(2, '0')}T00:00:00.000Z`;
    const old = [1, 2, 3].map((n) => timed(million, 100, { began: began(n) }));
    const recent = Array.from({ length: 12 }, (_, n) => timed(million, 10, { began: began(10 + n) }));
    expect(forecast([...old, ...recent])).toMatchObject({ seconds: 10, drills: 12, newest: began(21) });
  });
});

describe('the fit', () => {
  it('does not extrapolate a cost below nothing', () => {
    expect(
      timeFor(100, [
        { size: 10, seconds: 0.5 },
        { size: 50, seconds: 5 },
      ]),
    ).toBeCloseTo(10);
    expect(
      timeFor(100, [
        { size: 10, seconds: 5 },
        { size: 50, seconds: 4 },
      ]),
    ).toBeGreaterThan(8);
  });
});
