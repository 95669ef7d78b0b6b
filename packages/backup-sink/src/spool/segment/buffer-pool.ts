const pooledBytes = 1024 * 1024 + 4096;
/** Smaller buffers cost next to nothing to make. */
const smallBytesMax = 64 * 1024;
/** The number of frames that the busiest partitions write at once. */
const pooledMax = 4;

/** Reuses buffers of a MiB: making some tens of them would start a full garbage collection of V8. */
export class BufferPool {
  readonly #free: Buffer[] = [];

  /** Returns a buffer of at least `sizeBytes`. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes <= smallBytesMax || sizeBytes > pooledBytes) return Buffer.allocUnsafe(sizeBytes);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(pooledBytes);
  }

  /** Takes back a buffer that is no longer read. */
  giveBack(buffer: Buffer): void {
    if (buffer.byteLength === pooledBytes && this.#free.length < pooledMax) this.#free.push(buffer);
  }
}
