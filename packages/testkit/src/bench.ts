/** One line of a bench's output. A plain figure has no peer: then the last three are `null`. */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  /** Of `ours` and `theirs`: `points/s`, `MB/s`, `MB`, … */
  readonly unit: string;
  readonly ours: number;
  readonly peer: string | null;
  readonly theirs: number | null;
  /** `ours` ÷ `theirs`. */
  readonly ratio: number | null;
}

/** Does a round of work and returns how much of the unit it was: points for `points/s`, megabytes for `MB/s`. */
export type Round = () => number | Promise<number>;

export interface Comparison {
  readonly bench: string;
  /** Ends in `-vs-<peer>`, as in the issues. */
  readonly case: string;
  /** A rate, per second. */
  readonly unit: string;
  readonly ours: Round;
  /** What it is compared with, and its version. */
  readonly peer: string;
  readonly theirs: Round;
  /** Timed rounds of each side, after one that warms up. Default 9. */
  readonly rounds?: number;
}

/**
 * Runs two ways of doing one thing by turns, so that a noisy machine disturbs both alike, and reports the medians of their rates.
 */
export async function compare({ ours, theirs, rounds = 9, ...names }: Comparison): Promise<Figure> {
  const rates: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] };
  await ours();
  await theirs();
  for (let round = 0; round < rounds; round += 1) {
    rates.ours.push(await ratePerSecond(ours));
    rates.theirs.push(await ratePerSecond(theirs));
  }
  const [our, their] = [median(rates.ours), median(rates.theirs)];
  return print({ ...names, ours: our, theirs: their, ratio: our / their });
}

/** Reports a figure that stands alone. */
export function report(figure: Pick<Figure, 'bench' | 'case' | 'unit' | 'ours'>): Figure {
  return print({ ...figure, peer: null, theirs: null, ratio: null });
}

/** The rate of one round: garbage of the one before is not its fault. Needs `--expose-gc` for that. */
export async function ratePerSecond(round: Round): Promise<number> {
  globalThis.gc?.();
  const started = process.hrtime.bigint();
  const work = await round();
  return work / (Number(process.hrtime.bigint() - started) / 1e9);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function print({ bench, case: name, unit, ours, peer, theirs, ratio }: Figure): Figure {
  const figure = {
    bench,
    case: name,
    unit,
    ours: round(ours),
    peer,
    theirs: theirs === null ? null : round(theirs),
    ratio: ratio === null ? null : round(ratio),
  };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
  return figure;
}

/** Three digits after the point where they say something, none where they are noise. */
function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Math.round(value * 1_000) / 1_000;
}
