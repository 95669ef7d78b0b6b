import { asBuffer, BACKSLASH, COMMA, EQUALS, HASH, LF, QUOTE, SPACE, skipBlanks } from './bytes';

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

  /** Whether a LF would not end the stretch that has begun: it is within a string, or just after a backslash. */
  get isOpen(): boolean {
    return this.#inString || this.#hidden;
  }

  /**
   * Goes on at `from`; returns the offset of the LF that ends the stretch, or -1 if it is not in `bytes`: then the next
   * call goes on with the bytes that follow.
   */
  next(bytes: Uint8Array, from: number): number {
    const buffer = asBuffer(bytes);
    let i = from;
    if (this.#atStart) {
      i = skipBlanks(buffer, from, buffer.length);
      if (i > from) this.#inFields ||= buffer.subarray(from, i).includes(SPACE);
      if (i === buffer.length) return -1;
      this.#atStart = false;
      this.#inComment = buffer[i] === HASH;
      this.stretch = this.#inComment || buffer[i] === LF ? 'skipped' : 'record';
    }
    const lf = this.#inComment ? buffer.indexOf(LF, i) : this.#endOfRecord(buffer, i);
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

  #endOfRecord(buffer: Buffer, from: number): number {
    for (let i = from; i < buffer.length; i += 1) {
      const byte = buffer[i];
      if (this.#hidden) this.#hidden = false;
      else if (byte === BACKSLASH) this.#hidden = true;
      else if (this.#inString) this.#inString = byte !== QUOTE;
      else if (byte === LF) return i;
      else if (byte === SPACE) this.#inFields = true;
      else if (!this.#inFields) continue;
      else if (byte === EQUALS) this.#valuesOpen += 1;
      else if (byte === COMMA) this.#valuesOpen -= 1;
      else if (byte === QUOTE) this.#inString = this.#valuesOpen > 0;
    }
    return -1;
  }
}
