import { LF } from '../bytes';

/** Line numbers for error messages, counted only when one is asked for, and each byte once. */
export class LineCounter {
  readonly #bytes: Buffer;
  #counted = 0;
  #line = 1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** From 1. Offsets must be asked for in rising order. */
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
