const bytesMin = 64 * 1024;
/** Enough for the bodies of four lanes, being filled and in flight. */
const keptMax = 16;

/** Buffers of bodies that were delivered, for those to come: megabytes a time are too much to leave to the garbage collector. */
export class BodyBuffers {
  readonly #free: Buffer[] = [];

  /** At least of this size, with anything in it. */
  take(sizeBytes: number): Buffer {
    const fitting = this.#free.findIndex((buffer) => buffer.length >= sizeBytes);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0] as Buffer;
    return Buffer.allocUnsafeSlow(Math.max(bytesMin, 2 ** Math.ceil(Math.log2(sizeBytes))));
  }

  /** Nobody may read it any more. @param bytes what `take` gave, or a part of it */
  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength > bytesMin && this.#free.length < keptMax)
      this.#free.push(Buffer.from(buffer as ArrayBuffer));
  }
}
