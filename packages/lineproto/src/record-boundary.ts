import { BACKSLASH, byteSet, COMMA, EQUALS, HASH, LF, QUOTE, SPACE, skipBlanks } from './bytes';

/** What a stretch of bytes up to its LF is. InfluxDB skips blank lines and comments. */
export type Stretch = 'record' | 'skipped';

/**
 * Finds where records end, over bytes that may arrive in pieces.
 *
 * The rule is InfluxDB's (`scanLine` in its `models/points.go`, confirmed by the differential test): a record ends at a
 * LF outside a string; a backslash hides the byte after it; a quote opens or closes a string only after the first space
 * and while there were more `=` than `,` since then, that is, where a field value stands.
 *
 * One thing differs on purpose: a comment ends at its first LF, as in InfluxDB's importer. The server alone applies the
 * rule above to comments too, and would lose the lines after a comment that holds `="`.
 */
export class RecordBoundary {
  /** What the stretch found last was. */
  stretch: Stretch = 'record';
  #atStart = true;
  #inComment = false;
  #hidden = false;
  #inFields = false;
  #inString = false;
  /** Count of `=` minus count of `,` outside strings, in the fields. */
  #valuesOpen = 0;
  readonly #quotes = new NextQuote();

  /** Whether a LF would not end the stretch that has begun: it is within a string, or just after a backslash. */
  get isOpen(): boolean {
    return this.#inString || this.#hidden;
  }

  /**
   * Goes on at `from`; returns the offset of the LF that ends the stretch, or -1 if it is not in `bytes`: then the next
   * call goes on with the bytes that follow.
   */
  next(bytes: Buffer, from: number): number {
    let i = from;
    if (this.#atStart) {
      i = skipBlanks(bytes, from, bytes.length);
      if (i > from) this.#inFields ||= bytes.subarray(from, i).includes(SPACE);
      if (i === bytes.length) return -1;
      this.#atStart = false;
      this.#inComment = bytes[i] === HASH;
      this.stretch = this.#inComment || bytes[i] === LF ? 'skipped' : 'record';
      const lf = bytes.indexOf(LF, i);
      const isPlain = lf !== -1 && lf < this.#quotes.find(bytes, i) && bytes[lf - 1] !== BACKSLASH;
      if (isPlain) {
        this.reset();
        return lf;
      }
    }
    const lf = this.#inComment ? bytes.indexOf(LF, i) : this.#endOfRecord(bytes, i);
    if (lf !== -1) this.reset();
    return lf;
  }

  /** Forgets an unfinished stretch. */
  reset(): void {
    this.#atStart = true;
    this.#inComment = false;
    this.#hidden = false;
    this.#inFields = false;
    this.#inString = false;
    this.#valuesOpen = 0;
  }

  /** The rule, byte by byte: one loop for each section, which stops only at what means something there. */
  #endOfRecord(bytes: Buffer, from: number): number {
    const { length } = bytes;
    let inFields = this.#inFields;
    let inString = this.#inString;
    let valuesOpen = this.#valuesOpen;
    let i = this.#hidden ? from + 1 : from;
    while (i < length) {
      if (inString) {
        while (i < length && STOPS_STRING[bytes[i] as number] === 0) i += 1;
      } else if (inFields) {
        for (; i < length && STOPS_FIELDS[bytes[i] as number] === 0; i += 1) {
          valuesOpen += OPENS_VALUE[bytes[i] as number] as number;
        }
      } else {
        while (i < length && STOPS_SERIES_KEY[bytes[i] as number] === 0) i += 1;
      }
      if (i >= length) break;
      const byte = bytes[i];
      if (byte === LF) break;
      if (byte === BACKSLASH) i += 1;
      else if (inString) inString = false;
      else if (inFields) inString = valuesOpen > 0;
      else inFields = true;
      i += 1;
    }
    // A backslash came last: it hides the first byte of the bytes that follow.
    this.#hidden = i > length;
    this.#inFields = inFields;
    this.#inString = inString;
    this.#valuesOpen = valuesOpen;
    return i < length ? i : -1;
  }
}

const STOPS_SERIES_KEY = byteSet([BACKSLASH, SPACE, LF]);
const STOPS_FIELDS = byteSet([BACKSLASH, QUOTE, LF]);
const STOPS_STRING = byteSet([BACKSLASH, QUOTE]);

/** What a byte in the fields does to the count of values that have begun. */
const OPENS_VALUE = new Int8Array(256);
OPENS_VALUE[EQUALS] = 1;
OPENS_VALUE[COMMA] = -1;

/** Where a quote comes next, looked for once: most records end before it. */
class NextQuote {
  #bytes: Buffer | undefined;
  #at = -1;

  /** `bytes.length` if none comes any more. Offsets must be asked for in rising order. */
  find(bytes: Buffer, from: number): number {
    if (this.#bytes !== bytes || this.#at < from) {
      const at = bytes.indexOf(QUOTE, from);
      this.#at = at === -1 ? bytes.length : at;
      this.#bytes = bytes;
    }
    return this.#at;
  }
}
