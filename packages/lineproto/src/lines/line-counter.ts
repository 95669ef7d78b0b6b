import { LF } from '../bytes';

/** Counts lines for error messages: only when a number is asked for, and each byte once. */
export class LineCounter {
  readonly #bytes: Buffer;
  #counted = 0;
  #line = 1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Returns the number of the line at `offset`, counted from 1. Callers must ask for offsets in rising order. */
  lineAt(offset: number): number {
    let lf = this.#bytes.indexOf(LF, this.#counted);
    while (lf !== -1 && lf < offset) {
      this.#line += 1;
      this.#counted = lf + 1;
      lf = this.#bytes.indexOf(LF, this.#counted);
    }
    return this.#line;
  }
}
