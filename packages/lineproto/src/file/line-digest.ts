import { createHash, type Hash } from 'node:crypto';

/** Counts and hashes what a footer certifies: the records, and their bytes with LFs. Comments and blank lines do not count. */
export class LineDigest {
  readonly #hash: Hash = createHash('sha256');
  #lines: number;
  #bytes = 0;
  #sha256: string | undefined;

  /** @param lines how many records are in the bytes that are added without a count */
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

  /** Adds a switch to another policy, without its LF: the hash covers it, and the counts do not. */
  addSwitch(comment: string): void {
    this.#hash.update(`${comment}\n`);
  }

  /** Returns the SHA-256 as hex digits, and ends the digest. */
  sha256(): string {
    this.#sha256 ??= this.#hash.digest('hex');
    return this.#sha256;
  }

  /** Returns the footer line, without LF, and ends the digest. */
  footer(): string {
    return `# CERES-END: lines=${this.#lines} bytes=${this.#bytes} sha256=${this.sha256()}`;
  }
}
