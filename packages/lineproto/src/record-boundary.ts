import { BACKSLASH, COMMA, EQUALS, HASH, LF, QUOTE, SPACE, skipBlanks } from './bytes';

/** What a stretch of bytes up to its LF is. InfluxDB skips blank lines and comments. */
export type Stretch = 'record' | 'skipped';

/**
 * Finds where records end, over bytes that may arrive in pieces.
 *
 * The rule is InfluxDB's (`scanLine` in its `models/points.go`, confirmed by the differential test): a record ends at a LF
 * outside a string; a backslash hides the byte after it; a quote opens or closes a string only after the first
 * space and while there were more `=` than `,` since then, that is, where a field value stands.
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
  /** The next quote in the bytes, as far as it has been looked for: most records end before it. */
  #quoteAt = -1;
  #quoteIn: Buffer | undefined;

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
      const isPlain = this.#inComment || (bytes[lf - 1] !== BACKSLASH && lf < this.#nextQuote(bytes, i));
      if (lf !== -1 && isPlain) {
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

  #nextQuote(bytes: Buffer, from: number): number {
    if (this.#quoteIn !== bytes || this.#quoteAt < from) {
      const quote = bytes.indexOf(QUOTE, from);
      this.#quoteAt = quote === -1 ? bytes.length : quote;
      this.#quoteIn = bytes;
    }
    return this.#quoteAt;
  }

  /** The rule, byte by byte. */
  #endOfRecord(bytes: Buffer, from: number): number {
    const { length } = bytes;
    let hidden = this.#hidden;
    let inFields = this.#inFields;
    let inString = this.#inString;
    let valuesOpen = this.#valuesOpen;
    let i = from;
    for (; i < length; i += 1) {
      const byte = bytes[i] as number;
      if (hidden) hidden = false;
      else if (MEANING[byte] === 0) continue;
      else if (byte === BACKSLASH) hidden = true;
      else if (inString) inString = byte !== QUOTE;
      else if (byte === LF) break;
      else if (byte === SPACE) inFields = true;
      else if (!inFields) continue;
      else if (byte === EQUALS) valuesOpen += 1;
      else if (byte === COMMA) valuesOpen -= 1;
      else inString = valuesOpen > 0;
    }
    this.#hidden = hidden;
    this.#inFields = inFields;
    this.#inString = inString;
    this.#valuesOpen = valuesOpen;
    return i < length ? i : -1;
  }
}

/** Which bytes mean anything to {@link RecordBoundary}. */
const MEANING = new Uint8Array(256);
for (const byte of [BACKSLASH, QUOTE, LF, SPACE, EQUALS, COMMA]) MEANING[byte] = 1;
