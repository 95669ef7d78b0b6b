import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CalendarBudget, calendars } from '../../src/report/calendar';
import { type DayState, dayStates } from '../../src/report/coverage';
import { dayMs } from './instance-status';

const dayOf = (text: string) => Date.parse(`${text}T00:00:00Z`) / dayMs;
const textOf = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10);
const draw = (firstDay: number, states: readonly DayState[], budget: CalendarBudget = { bytes: 0, databases: 0 }) =>
  calendars({ database: 'db', firstDay, states }, budget).map(({ text }) => text);

interface Drawn {
  readonly year: number;
  readonly marks: readonly { readonly state: string; readonly cells: readonly (readonly [number, number])[] }[];
}

/** Reads the cells back that a figure paints: the column and row of each, by the state whose class its path has. */
function readBack(figure: string): Drawn {
  const year = Number(/<figcaption>(\d+)/.exec(figure)?.[1]);
  const marks = [...figure.matchAll(/<path class="(\w+)" d="([^"]*)">/g)].map(([, state = '', path = '']) => {
    const strokes = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([stroke, ...numbers]) => ({
      stroke,
      numbers: numbers.map(Number),
    }));
    expect(strokes.map(({ stroke }) => stroke).join('')).toBe(path);
    const cells = strokes.flatMap(({ numbers: [column = -1, row = -1, length = 0] }) =>
      Array.from({ length }, (_, i) => [column + i, row] as const),
    );
    return { state, cells };
  });
  return { year, marks };
}

/** Returns the day of a cell: a column is a week from Monday to Sunday, and the first one has the first of January. */
function dayAt(year: number, column: number, row: number): number {
  const newYear = dayOf(`${year}-01-01`);
  const sinceMonday = (new Date(newYear * dayMs).getUTCDay() + 6) % 7;
  return newYear - sinceMonday + 7 * column + row;
}

describe('a calendar', () => {
  it.each(['America/Los_Angeles', 'Pacific/Kiritimati'])('has years and months of UTC, also in %s', (zone) => {
    const drawAll = () => {
      const [firstDay, states] = [dayOf('2025-12-31'), ['lost', 'damaged', 'silent'] as const];
      return [draw(firstDay, states), draw(firstDay, states, { bytes: 1e9, databases: 0 })];
    };
    const expected = drawAll();
    expect(expected[0]?.map((figure) => readBack(figure).year)).toEqual([2026, 2025]);
    vi.stubEnv('TZ', zone);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(new Date(0).getHours()).not.toBe(0);
    expect(drawAll()).toEqual(expected);
  });

  it('paints each day once, in the column of its week and the row of its weekday, as what it is', () => {
    const anyState = fc.constantFrom(...dayStates);
    // 2012 and 2040 are leap years that begin on a Sunday: they have 54 weeks.
    const anyFirst = fc.oneof(
      fc.integer({ min: dayOf('1999-12-20'), max: dayOf('2041-01-10') }),
      fc.constantFrom(dayOf('2012-01-01'), dayOf('2040-01-01'), dayOf('2026-01-01')),
    );
    fc.assert(
      fc.property(anyFirst, fc.array(anyState, { minLength: 1, maxLength: 800, size: 'max' }), (firstDay, states) => {
        const painted = draw(firstDay, states)
          .map(readBack)
          .flatMap(({ year, marks }) =>
            marks.flatMap(({ state, cells }) =>
              cells.map(([column, row]) => [dayAt(year, column, row), state] as const),
            ),
          );
        const wanted = states.map((state, i) => [firstDay + i, state] as const).filter(([, state]) => state !== 'none');
        expect(painted.sort(([a], [b]) => a - b)).toEqual(wanted);
      }),
      { numRuns: 60, endOnFailure: true }, // shrinking years takes minutes
    );
  });

  it('paints the last day of a year of 54 weeks, and has room for it', () => {
    const [figure = ''] = draw(dayOf('2040-01-01'), new Array<DayState>(366).fill('lost'));
    const cells = readBack(figure).marks.flatMap((mark) => mark.cells);
    expect(cells).toHaveLength(366);
    expect(Math.max(...cells.map(([column]) => column))).toBe(53);
    // A stroke of width 1 reaches half a cell above and below the whole number of its row.
    expect(/viewBox="([^"]*)"/.exec(figure)?.[1]).toBe('0 -.5 53.9 7');
  });

  it('has the newest year first, each with its own days', () => {
    const figures = draw(dayOf('2024-12-30'), new Array<DayState>(2 + 365 + 3).fill('stored'));
    expect(figures.map((figure) => /aria-label="([^"]*)"/.exec(figure)?.[1])).toEqual([
      '2026: stored on 3 days',
      '2025: stored on 365 days',
      '2024: stored on 2 days',
    ]);
  });

  it('says in words what it shows: for the picture, and for each state', () => {
    const states: DayState[] = ['stored', 'lost', 'lost', 'quiet', 'lost', 'none', 'damaged', 'late'];
    const [figure = ''] = draw(dayOf('2026-03-28'), states);
    const lost = 'lost on 3 days: 03-29 to 03-30, 04-01';
    const all = `2026: quiet on 1 day; stored on 1 day; late on 1 day: 04-04; ${lost}; damaged on 1 day: 04-03`;
    expect(figure).toContain(`role="img" aria-label="${all}"`);
    for (const state of ['quiet', 'stored', 'late', 'lost', 'damaged']) {
      const [, title = ''] = new RegExp(`<path class="${state}"[^>]*><title>([^<]*)</title></path>`).exec(figure) ?? [];
      expect(all).toContain(title);
      expect(title).toContain(`${state} on `);
    }
    expect(draw(dayOf('2026-03-28'), ['none'])[0]).toContain('aria-label="2026: nothing is known"');
  });

  it('names eight stretches of days of a state, and counts the others', () => {
    const states = Array.from({ length: 22 }, (_, i): DayState => (i % 2 === 0 ? 'lost' : 'stored'));
    const days = (count: number) =>
      Array.from({ length: count }, (_, i) => textOf(dayOf('2026-05-01') + 2 * i).slice(5));
    const titleOf = (length: number) =>
      /<path class="lost"[^>]*><title>([^<]*)/.exec(draw(dayOf('2026-05-01'), states.slice(0, length))[0] ?? '')?.[1];
    expect(titleOf(15)).toBe(`lost on 8 days: ${days(8).join(', ')}`);
    expect(titleOf(22)).toBe(`lost on 11 days: ${days(8).join(', ')}, and 3 more times in 2026`);
  });
});

describe('a calendar for which there is no room', () => {
  const states = Array.from({ length: 365 }, (_, i): DayState => {
    const month = new Date((dayOf('2025-01-01') + i) * dayMs).getUTCMonth();
    if (month === 3) return i % 2 === 0 ? 'lost' : 'stored';
    if (month === 11) return i === 364 ? 'damaged' : 'lost';
    return month === 5 ? 'none' : 'stored';
  });

  it('paints the worst of each month, and says which', () => {
    const [figure = ''] = draw(dayOf('2025-01-01'), states, { bytes: 95_000, databases: 0 });
    const cells = Object.fromEntries(readBack(figure).marks.map((mark) => [mark.state, mark.cells.map(([x]) => x)]));
    expect(cells).toEqual({ stored: [0, 1, 2, 4, 6, 7, 8, 9, 10], lost: [3], damaged: [11] });
    expect(figure).toContain('<title>lost: 2025-04</title>');
    expect(figure).toContain('<title>damaged: 2025-12</title>');
    expect(figure).toContain('<figcaption>2025, the worst of each month</figcaption>');
    expect(figure).toContain('viewBox="0 -.5 12 1"');
    expect(figure).toContain('aria-label="2025: stored on 289 days; lost on 45 days; damaged on 1 day"');
  });

  it('is one of the years after those that have taken the room of the page, of all databases together', () => {
    const budget = { bytes: 0, databases: 0 };
    const kinds: string[] = [];
    for (let n = 0; n < 200; n += 1) {
      for (const figure of draw(dayOf('2025-01-01'), states, budget)) {
        kinds.push(figure.startsWith('<figure class="days">') ? 'days' : 'months');
      }
    }
    const days = kinds.indexOf('months');
    expect(days).toBeGreaterThan(10);
    expect(kinds.slice(days)).not.toContain('days');
  });
});
