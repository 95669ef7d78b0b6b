import { type Coverage, type DayState, dayStates } from './coverage';
import { countOf } from './format';
import { Html, html } from './html';

const dayMs = 86_400_000;
/** A text names this many stretches of days of one state, and counts the others. */
const stretchesMax = 8;
/** When the calendars take more than this, the years that follow are shown by months. */
const calendarBytesMax = 95_000;

/** One year of a database, or a part of it. */
interface Year {
  readonly year: number;
  /** The days since the epoch of the first of January, and the first day that is shown. */
  readonly newYear: number;
  readonly first: number;
  readonly states: readonly DayState[];
}

/** What the calendars of a page have taken, of all instances together. */
export interface CalendarBudget {
  bytes: number;
  databases: number;
}

/** Draws the years of a database, the newest first: a column a week, a row a weekday. */
export function calendars({ firstDay, states }: Coverage, budget: CalendarBudget): readonly Html[] {
  return yearsOf(firstDay, states).map((year) => {
    const drawn = budget.bytes < calendarBytesMax ? byDays(year) : byMonths(year);
    budget.bytes += drawn.text.length;
    return drawn;
  });
}

function yearsOf(firstDay: number, states: readonly DayState[]): Year[] {
  const years = new Map<number, Year & { states: DayState[] }>();
  for (const [i, state] of states.entries()) {
    const year = new Date((firstDay + i) * dayMs).getUTCFullYear();
    const known = years.get(year) ?? { year, newYear: Date.UTC(year) / dayMs, first: firstDay + i, states: [] };
    years.set(year, known);
    known.states.push(state);
  }
  return [...years.values()].reverse();
}

function byDays({ year, newYear, first, states }: Year): Html {
  const offset = (newYear + 3) % 7; // 1970-01-01 was a Thursday; weeks begin on Monday
  const cells = states.map((state, i) => ({ state, at: first - newYear + offset + i }));
  const marks = dayStates.slice(1).map((state) => {
    const at = new Set(cells.filter((cell) => cell.state === state).map((cell) => cell.at));
    if (at.size === 0) return new Html('');
    return mark(state, pathOf(at), titleOf(state, year, first, states));
  });
  return figure(year, '0 -.5 53.9 7', 'days', summaryOf(year, first, states), marks);
}

/** Returns a path of strokes, one for each run of cells in a row. */
function pathOf(cells: ReadonlySet<number>): string {
  let path = '';
  for (let row = 0; row < 7; row += 1) {
    for (let column = 0; column < 54; column += 1) {
      let length = 0;
      while (cells.has((column + length) * 7 + row)) length += 1;
      if (length > 0) path += `M${column} ${row}h${length}`;
      column += length;
    }
  }
  return path;
}

/** Draws twelve cells: the worst state of each month. */
function byMonths({ year, first, states }: Year): Html {
  const months = new Map<number, DayState>();
  for (const [i, state] of states.entries()) {
    const month = new Date((first + i) * dayMs).getUTCMonth();
    if (dayStates.indexOf(state) >= dayStates.indexOf(months.get(month) ?? 'none')) months.set(month, state);
  }
  const marks = dayStates.slice(1).map((state) => {
    const found = [...months].filter(([, worst]) => worst === state).map(([month]) => month);
    const names = found.map((month) => `${year}-${String(month + 1).padStart(2, '0')}`).join(', ');
    return found.length === 0
      ? new Html('')
      : mark(state, found.map((month) => `M${month} 0h1`).join(''), `${state}: ${names}`);
  });
  return figure(`${year}, the worst of each month`, '0 -.5 12 1', 'months', summaryOf(year, first, states, 0), marks);
}

function mark(state: DayState, path: string, title: string): Html {
  return html`<path class="${state}" d="${path}"><title>${title}</title></path>`;
}

function figure(label: string | number, box: string, kind: string, summary: string, marks: readonly Html[]): Html {
  return html`<figure class="${kind}"><figcaption>${label}</figcaption><svg viewBox="${box}" role="img" aria-label="${summary}">${marks}</svg></figure>\n`;
}

/** Returns what the calendar of a year says, in words. */
function summaryOf(year: number, first: number, states: readonly DayState[], stretches = stretchesMax): string {
  const found = dayStates.slice(1).filter((state) => states.includes(state));
  return `${year}: ${found.map((state) => titleOf(state, year, first, states, stretches)).join('; ') || 'nothing is known'}`;
}

/** Returns the days of a state in words: how many they are, and which, unless all is well. */
function titleOf(
  state: DayState,
  year: number,
  first: number,
  states: readonly DayState[],
  max = stretchesMax,
): string {
  const days = states.filter((one) => one === state).length;
  const counted = `${state} on ${countOf(days, 'day')}`;
  if (state === 'stored' || state === 'quiet' || max === 0) return counted;
  const stretches: string[] = [];
  for (let i = 0; i < states.length; i += 1) {
    if (states[i] !== state) continue;
    const from = i;
    while (states[i + 1] === state) i += 1;
    stretches.push(from === i ? dayText(first + i) : `${dayText(first + from)} to ${dayText(first + i)}`);
  }
  const more = stretches.length > max ? `, and ${countOf(stretches.length - max, 'more time')} in ${year}` : '';
  return `${counted}: ${stretches.slice(0, max).join(', ')}${more}`;
}

function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(5, 10);
}
