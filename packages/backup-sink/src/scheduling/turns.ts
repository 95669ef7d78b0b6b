/** The longest that one slice of work keeps the event loop from everything else. */
const sliceMsMax = 8;

const waiting: (() => void)[] = [];

/**
 * Resolves in a later turn of the event loop. However many wait, each turn lets one of them go on: ten large writes at once
 * share the loop with everyone else, as one does.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(letOneGoOn);
  });
}

function letOneGoOn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(letOneGoOn);
}

/** Work that is begun for one file takes some 0.1 ms until it waits for the disk. */
const startsPerTurn = 16;

/**
 * Starts pieces of work in the order of the calls: at once while they are few, and the others in later turns of the event loop. So
 * thousands of files that become due together do not keep it from everything else.
 */
export class PacedStarts {
  readonly #waiting: (() => void)[] = [];
  #startedInTurn = 0;

  /** Starts work now or soon. It must not throw. */
  start(work: () => void): void {
    if (this.#startedInTurn === 0) setImmediate(this.#turn);
    if (this.#startedInTurn < startsPerTurn && this.#waiting.length === 0) {
      this.#startedInTurn += 1;
      work();
    } else {
      this.#waiting.push(work);
    }
  }

  readonly #turn = (): void => {
    const next = this.#waiting.splice(0, startsPerTurn);
    this.#startedInTurn = next.length;
    if (next.length > 0) setImmediate(this.#turn);
    for (const work of next) work();
  };
}

/**
 * Does work that would take too long for one turn of the event loop in slices of a few milliseconds. The work yields after
 * every step, which must be much shorter than a slice.
 *
 * @throws what the work throws
 */
export async function inSlices<T>(work: Generator<void, T, undefined>): Promise<T> {
  for (;;) {
    await nextTurn();
    const end = performance.now() + sliceMsMax;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
  }
}

/** Copying this many bytes takes less than a millisecond. */
const copyBytes = 1024 * 1024;
/** Encoding this many UTF-16 units takes less than a millisecond. */
const textUnits = 256 * 1024;

/** Encodes a text in UTF-8 step by step. */
export function* encoded(text: string): Generator<void, Buffer, undefined> {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  let end = 0;
  for (let from = 0; from < text.length; ) {
    const to = from + textUnits;
    const isSplitPair = /[\ud800-\udbff]/.test(text.charAt(to - 1));
    const part = text.slice(from, isSplitPair ? to - 1 : to);
    end += bytes.write(part, end);
    from += part.length;
    yield;
  }
  return bytes;
}

/** Joins pieces step by step: to join 100 MB at once would take longer than a slice. */
export function* joined(pieces: readonly Uint8Array[]): Generator<void, Buffer, undefined> {
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((bytes, piece) => bytes + piece.byteLength, 0));
  let end = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.byteLength; from += copyBytes) {
      const part = piece.subarray(from, from + copyBytes);
      whole.set(part, end);
      end += part.byteLength;
      yield;
    }
  }
  return whole;
}
