/** The values of a record, two words of 32 bits each, until it is known where they go. */
export class ValueWords {
  floats = new Float64Array(64);
  words = new Uint32Array(this.floats.buffer);
  bigints = new BigInt64Array(this.floats.buffer);

  /** Makes room for the values of `fields` fields. */
  reserve(fields: number): void {
    if (fields <= this.floats.length) return;
    this.floats = new Float64Array(2 * fields);
    this.words = new Uint32Array(this.floats.buffer);
    this.bigints = new BigInt64Array(this.floats.buffer);
  }
}
