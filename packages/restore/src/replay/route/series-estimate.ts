/** How many lines a sample has: about as many as the bodies of four lanes hold together. */
const sampleLines = 16_384;
/** Four bits per line of the sample keep the error of linear counting under 1 % (Whang et al., 1990). */
const bits = 65_536;

/** Estimates how many lines each series has among lines that follow each other. */
export class SeriesEstimate {
  readonly #seen = new Uint32Array(bits / 32);
  #lines = 0;

  /** Counts a line. Returns the lines per series once a sample is complete, and starts the next sample; else `undefined`. */
  add(hash: number): number | undefined {
    const bit = (hash >>> 7) & (bits - 1);
    this.#seen[bit >>> 5] = (this.#seen[bit >>> 5] ?? 0) | (1 << (bit & 31));
    this.#lines += 1;
    return this.#lines < sampleLines ? undefined : this.#answer();
  }

  #answer(): number {
    let zeros = 0;
    for (const word of this.#seen) zeros += 32 - populationCount(word);
    const series = zeros === 0 ? sampleLines : -bits * Math.log(zeros / bits);
    this.#seen.fill(0);
    this.#lines = 0;
    return sampleLines / Math.max(1, series);
  }
}

function populationCount(word: number): number {
  let rest = word;
  let count = 0;
  while (rest !== 0) {
    rest &= rest - 1;
    count += 1;
  }
  return count;
}
