import { performance } from 'node:perf_hooks';
import { median } from '../bench';

/** One thing that is done with inputs of growing size. */
export interface Growing {
  readonly name: string;
  /** Makes what the work is done with; it is not timed. Called once for each size. */
  readonly prepare: (sizeBytes: number) => () => unknown;
}

/** Returns the work of reading texts that repeat one of these units, each as long as is asked for. */
export function growingTexts(units: readonly string[], read: (text: string) => unknown): Growing[] {
  return units.map((unit) => {
    return {
      name: JSON.stringify(unit),
      prepare: (sizeBytes) => {
        const text = unit.repeat(sizeBytes / unit.length);
        return () => read(text);
      },
    };
  });
}

/** Tenfold each, from what anyone sends to what no one does. */
const growingSizes: readonly number[] = [1_000, 10_000, 100_000, 1_000_000];

/** The most that tenfold input may cost. Quadratic work costs a hundredfold. */
const costMax = 15;
/** Work that costs more than this in each of three tries is not linear. */
const costOfNone = 30;
const tries = 3;
/** Work that costs something between the two is tried this often, since another program is the likelier cause. */
const triesNearby = 8;
const runs = 5;
/** A shorter time says nothing: fresh memory or one interruption costs as much. Quadratic work is far above it at the next size. */
const leastMs = 8;
/**
 * Work on a text takes several times its size in memory, and only a large text takes it fresh from the system. Where memory is
 * short, that costs far more than the work (16 MB were seen to take 400 ms), so what it costs at that moment is added.
 */
const freshMemoryFactor = 64;

/**
 * Returns what grows faster than its input, as sentences; none if all is linear. It goes up from size to size, and stops at the first
 * where the time grows too fast: the next one might take hours.
 *
 * A single run that is fast enough is proof enough, and it gets a second chance, because the first may have compiled the code; otherwise
 * the median of five runs counts, in several tries, because another program may have had the processor.
 */
export async function superlinear(work: readonly Growing[]): Promise<string[]> {
  const found: string[] = [];
  for (const { name, prepare } of work) {
    let smaller: (() => unknown) | undefined;
    for (const size of growingSizes) {
      const larger = prepare(size);
      const costs = smaller === undefined ? undefined : await tooLong(smaller, larger, size);
      if (costs !== undefined) {
        found.push(`${name}: ${size} bytes take ${costs}`);
        break;
      }
      smaller = larger;
    }
  }
  return found;
}

/** Returns both times, as text, if the larger work, on `sizeBytes`, takes too long compared with the smaller. */
async function tooLong(smaller: () => unknown, larger: () => unknown, sizeBytes: number): Promise<string | undefined> {
  const firstMs = await timeMs(larger);
  if (firstMs <= costMax * leastMs) return undefined;
  const enoughMs = costMax * Math.max(leastMs, await timeMs(smaller));
  if (firstMs <= enoughMs || (await timeMs(larger)) <= enoughMs) return undefined;
  let costs = '';
  for (let farAbove = 0, nearby = 0; farAbove < tries && nearby < triesNearby; ) {
    const smallMs = await medianMs(smaller);
    const memoryMs = await timeMs(() => Buffer.alloc(freshMemoryFactor * sizeBytes, 1));
    const limitMs = (cost: number) => cost * Math.max(leastMs, smallMs) + memoryMs;
    const largeMs = await medianMs(larger, { enoughMs: limitMs(costMax), tooLongMs: limitMs(costOfNone) });
    if (largeMs <= limitMs(costMax)) return undefined;
    if (largeMs > limitMs(costOfNone)) farAbove += 1;
    else nearby += 1;
    costs = `${largeMs.toFixed(1)} ms, and a tenth of them ${smallMs.toFixed(1)} ms`;
  }
  return costs;
}

/** Returns the median of five runs, or of fewer once three are fast enough, or three take too long: no other run could change that. */
async function medianMs(work: () => unknown, { enoughMs = 0, tooLongMs = Infinity } = {}): Promise<number> {
  const times: number[] = [];
  const isDecided = () =>
    [times.filter((ms) => ms <= enoughMs), times.filter((ms) => ms > tooLongMs)].some(
      ({ length }) => length > runs / 2,
    );
  while (times.length < runs && !isDecided()) times.push(await timeMs(work));
  return median(times);
}

/** Returns the time that the processor spent on it, which does not count what other programs took, or on the clock, if that is less. */
async function timeMs(work: () => unknown): Promise<number> {
  const started = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.min(performance.now() - started, (user + system) / 1_000);
}
