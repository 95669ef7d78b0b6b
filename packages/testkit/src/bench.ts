/** One line of a bench's output. The last three are `null` for a figure that is compared with nothing. */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  /** The unit of `ours` and `theirs`: `points/s`, `MB/s`, `MB`, … */
  readonly unit: string;
  readonly ours: number;
  readonly peer: string | null;
  readonly theirs: number | null;
  /** `ours` ÷ `theirs`. */
  readonly ratio: number | null;
}

/** Does one round of work and returns its amount: points for `points/s`, megabytes for `MB/s`. */
export type Round = () => number | Promise<number>;

export interface Comparison {
  readonly bench: string;
  /** Ends in `-vs-<peer>`. */
  readonly case: string;
  /** A rate, per second. */
  readonly unit: string;
  readonly ours: Round;
  /** What ours is compared with, and its version. */
  readonly peer: string;
  readonly theirs: Round;
  /** The number of timed rounds of each side, after one round to warm up. Default: 9. */
  readonly rounds?: number;
}

/**
 * Runs two ways of doing one thing in turn, so that a noisy machine disturbs both equally, and reports the medians of
 * their rates.
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

/** Reports a figure that is compared with nothing. */
export function report(figure: Pick<Figure, 'bench' | 'case' | 'unit' | 'ours'>): Figure {
  return print({ ...figure, peer: null, theirs: null, ratio: null });
}

/** Returns the rate of one round. With `--expose-gc`, it does not pay for the garbage of the round before. */
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

/** Rounds to three decimals, or to none from 1,000 on, where they would be noise. */
function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Math.round(value * 1_000) / 1_000;
}
