import { BACKSLASH, COMMA, EQUALS, HASH, LF, QUOTE, SPACE, skipBlanks } from '../bytes';

/** The kind of a stretch of bytes up to its LF. InfluxDB skips blank lines and comments. */
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
  /** The kind of the stretch that was found last. */
  stretch: Stretch = 'record';
  #atStart = true;
  #inComment = false;
  #hidden = false;
  #inFields = false;
  #inString = false;
  /** The count of `=` minus the count of `,`, outside strings in the fields. */
  #valuesOpen = 0;
  readonly #quotes = new NextByte(QUOTE);

  /** Says whether a stretch has begun that is a record: more than blanks, and no comment. */
  get isInRecord(): boolean {
    return !this.#atStart && !this.#inComment;
  }

  /** Says whether a LF would not end the stretch that has begun: it is within a string, or just after a backslash. */
  get isOpen(): boolean {
    return this.#inString || this.#hidden;
  }

  /**
   * Returns how far, from the start of a stretch on, a LF ends a record that begins with {@link isPlainStart}, unless a backslash stands
   * before it: there is no quote before. In the middle of a stretch that is nowhere.
   */
  plainUntil(bytes: Buffer, from: number): number {
    return this.#atStart ? this.#quotes.find(bytes, from) : from;
  }

  /**
   * Goes on at `from` and returns the offset of the LF that ends the stretch, or -1 if it is not in `bytes`: then the next
   * call goes on with the bytes that follow.
   */
  next(bytes: Buffer, from: number): number {
    let i = from;
    if (this.#atStart) {
      i = skipBlanks(bytes, from, bytes.length);
      if (i > from) this.#inFields ||= bytes.subarray(from, i).includes(SPACE);
      if (i === bytes.length) return -1;
      if (bytes[i] === LF) {
        this.stretch = 'skipped';
        this.reset();
        return i;
      }
      this.#atStart = false;
      this.#inComment = bytes[i] === HASH;
      this.stretch = this.#inComment ? 'skipped' : 'record';
      const lf = this.#inComment ? bytes.indexOf(LF, i) : this.#endByHops(bytes, i);
      if (lf !== -1) {
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

  /**
   * Returns the end of a record whose quotes and backslashes are where encoders put them, or -1 for any other record, to
   * which the exact rule is then applied.
   *
   * Two quotes with no `=` and no LF between them do not matter, wherever they stand: if the first opens a string, the second closes it;
   * if it does not, no value begins before the second, which does not open one either. So nothing before a quote is counted.
   */
  #endByHops(bytes: Buffer, start: number): number {
    const lf = bytes.indexOf(LF, start);
    if (lf === -1) return -1;
    for (let from = start; ; ) {
      const quote = this.#quotes.find(bytes, from);
      if (lf < quote) return bytes[lf - 1] === BACKSLASH ? -1 : lf;
      if (quote > start && bytes[quote - 1] === BACKSLASH) return -1;
      from = endOfPlainString(bytes, quote + 1, lf);
      if (from === -1) return -1;
    }
  }

  /** Applies the exact rule, byte by byte. */
  #endOfRecord(bytes: Buffer, from: number): number {
    const { length } = bytes;
    let inFields = this.#inFields;
    let inString = this.#inString;
    let valuesOpen = this.#valuesOpen;
    let i = this.#hidden ? from + 1 : from;
    for (; i < length; i += 1) {
      const byte = bytes[i] as number;
      if (MEANING[byte] === 0) continue;
      if (byte === BACKSLASH) i += 1;
      else if (inString) inString = byte !== QUOTE;
      else if (byte === SPACE) inFields = true;
      else if (byte === LF) break;
      else if (!inFields) continue;
      else if (byte === EQUALS) valuesOpen += 1;
      else if (byte === COMMA) valuesOpen -= 1;
      else inString = valuesOpen > 0;
    }
    // A backslash came last: it hides the first byte of the bytes that follow.
    this.#hidden = i > length;
    this.#inFields = inFields;
    this.#inString = inString;
    this.#valuesOpen = valuesOpen;
    return i < length ? i : -1;
  }
}

/** Says that a stretch which begins with this byte is a record: all blanks, the LF, and what begins a comment are less. */
export function isPlainStart(byte: number): boolean {
  return byte > HASH;
}

/** Has 1 for the bytes that mean anything to {@link RecordBoundary}. */
const MEANING = new Uint8Array(256);
for (const byte of [BACKSLASH, QUOTE, LF, SPACE, EQUALS, COMMA]) MEANING[byte] = 1;

/** Returns the offset of the byte after the closing quote, or -1 if `=` or `limit` comes before it. */
function endOfPlainString(bytes: Buffer, from: number, limit: number): number {
  for (let i = from; i < limit; i += 1) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === EQUALS) return -1;
    if (byte === BACKSLASH) i += 1;
  }
  return -1;
}

/** Finds where a byte comes next, and remembers it: most records end before it. */
class NextByte {
  readonly #byte: number;
  #bytes: Buffer | undefined;
  #at = -1;

  constructor(byte: number) {
    this.#byte = byte;
  }

  /** Returns `bytes.length` if the byte does not come again. Callers must ask for offsets in rising order. */
  find(bytes: Buffer, from: number): number {
    if (this.#bytes !== bytes || this.#at < from) {
      const at = bytes.indexOf(this.#byte, from);
      this.#at = at === -1 ? bytes.length : at;
      this.#bytes = bytes;
    }
    return this.#at;
  }
}
