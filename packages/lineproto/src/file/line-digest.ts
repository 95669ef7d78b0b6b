import { createHash, type Hash } from 'node:crypto';

/**
 * What a footer certifies: records, their bytes with LFs, and the SHA-256 of these bytes. Comments and blank lines do
 * not count.
 */
export class LineDigest {
  readonly #hash: Hash = createHash('sha256');
  #lines: number;
  #bytes = 0;

  /** `lines`: how many are known to come in bytes that are added uncounted. */
  constructor(lines = 0) {
    this.#lines = lines;
  }

  get lines(): number {
    return this.#lines;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: Uint8Array, lines = 0): void {
    this.#lines += lines;
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
  }

  /** The footer line, without LF. Ends the digest. */
  footer(): string {
    return `# CERES-END: lines=${this.#lines} bytes=${this.#bytes} sha256=${this.#hash.digest('hex')}`;
  }
}
