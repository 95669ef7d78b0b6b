const pooledBytes = 1024 * 1024 + 4096;
/** Smaller ones cost nothing to make. */
const smallBytesMax = 64 * 1024;
/** As many as frames are written at once by the busiest partitions. */
const pooledMax = 4;

/** Buffers of a MiB, used again: V8 collects all garbage every time some tens of them have been made. */
export class BufferPool {
  readonly #free: Buffer[] = [];

  /** Of at least so many bytes. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes <= smallBytesMax || sizeBytes > pooledBytes) return Buffer.allocUnsafe(sizeBytes);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(pooledBytes);
  }

  /** One that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.byteLength === pooledBytes && this.#free.length < pooledMax) this.#free.push(buffer);
  }
}
