import { createHash } from 'node:crypto';

/** Passes the bytes of a file on, and compares their MD5 with one that is known. */
export class HashedBytes {
  readonly #gz: AsyncIterable<Uint8Array>;
  readonly #md5: string | undefined;
  #found: string | undefined;

  /** @param md5 in base64; `undefined` if nothing says it: then nothing is computed */
  constructor(gz: AsyncIterable<Uint8Array>, md5: string | undefined) {
    this.#gz = gz;
    this.#md5 = md5;
  }

  /** True if all bytes were read, and their MD5 is another one. */
  get isOther(): boolean {
    return this.#found !== undefined && this.#found !== this.#md5;
  }

  bytes(): AsyncIterable<Uint8Array> {
    return this.#md5 === undefined ? this.#gz : this.#hashed();
  }

  async *#hashed(): AsyncGenerator<Uint8Array> {
    const hash = createHash('md5');
    for await (const chunk of this.#gz) {
      hash.update(chunk);
      yield chunk;
    }
    this.#found = hash.digest('base64');
  }
}
