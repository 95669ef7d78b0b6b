import type { WrittenName } from './names/written-name';

/** Room beyond the text of a write: for separators, a number, a timestamp, and what its last word writes too much. */
const MARGIN_BYTES = 128;

/**
 * One buffer that is written from its start again and again, and grows when it must.
 *
 * Each method takes `at`, the offset of the next byte, and returns the offset after what it wrote: a variable is cheaper
 * than a property.
 */
export class ByteWriter {
  bytes: Buffer;
  /** The same memory, for writing four bytes at a time. */
  view: DataView;
  /** Set when a name was written that other names may change the meaning of: see `verifyLine`. */
  needsProof = false;
  /** Set when a string value with a newline was written. */
  holdsNewline = false;

  constructor(bytesMin: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytesMin);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` bytes at `at` and a few more. */
  reserve(at: number, count: number): void {
    if (at + count + MARGIN_BYTES > this.bytes.length) this.#grow(at, count);
  }

  byte(at: number, byte: number): number {
    this.bytes[at] = byte;
    return at + 1;
  }

  /** Writes four bytes at once, the first in the lowest bits; only the first `count` of them are kept. */
  word(at: number, word: number, count: number): number {
    this.view.setInt32(at, word, true);
    return at + count;
  }

  name(at: number, { words, byteLength, needsProof }: WrittenName): number {
    this.reserve(at, byteLength);
    const { view } = this;
    for (let i = 0; i < words.length; i += 1) view.setInt32(at + 4 * i, words[i] as number, true);
    if (needsProof) this.needsProof = true;
    return at + byteLength;
  }

  /** Writes a short text known to be ASCII, such as a number's. */
  ascii(at: number, text: string): number {
    const { bytes } = this;
    for (let i = 0; i < text.length; i += 1) bytes[at + i] = text.charCodeAt(i);
    return at + text.length;
  }

  /** Writes any text; a lone surrogate becomes U+FFFD. */
  utf8(at: number, text: string): number {
    this.reserve(at, 3 * text.length);
    return at + this.bytes.write(text, at, 'utf8');
  }

  #grow(at: number, count: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, at + count + MARGIN_BYTES));
    this.bytes.copy(larger, 0, 0, at);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
