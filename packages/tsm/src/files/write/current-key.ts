import { fieldStart } from '../key';

/** The key that is being written. Keys come in the order of their bytes, and neighbors have much in common. */
export class CurrentKey {
  #bytes = new Uint8Array(256);
  #length = 0;
  /** The place at which its field begins. */
  #fieldAt = 0;
  /** How many bytes it has in common with the key that it was compared with. */
  #common = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Returns a positive number if a key comes after this one, 0 if it is this one, and a negative number otherwise. */
  compare(key: Uint8Array): number {
    const bytes = this.#bytes;
    const length = Math.min(key.length, this.#length);
    let i = 0;
    while (i < length && bytes[i] === key[i]) i += 1;
    this.#common = i;
    return i < length ? (key[i] as number) - (bytes[i] as number) : key.length - this.#length;
  }

  /** Makes a key the current one that `compare` was just called with. Returns false if it is not that of a field. */
  set(key: Uint8Array): boolean {
    const isSameSeries = this.#fieldAt > 0 && this.#common >= this.#fieldAt;
    const fieldAt = isSameSeries ? this.#fieldAt : fieldStart(key);
    if (fieldAt === -1) return false;
    if (key.length > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * key.length);
      this.#common = 0;
    }
    for (let i = this.#common; i < key.length; i += 1) this.#bytes[i] = key[i] as number;
    this.#length = key.length;
    this.#fieldAt = fieldAt;
    return true;
  }
}
