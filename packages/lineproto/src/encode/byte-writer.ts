import type { WrittenName } from './names/written-name';

/**
 * Beyond the text a write is about: separators, a number, a timestamp, and what the last word of it writes too much.
 */
const MARGIN_BYTES = 128;

/**
 * One buffer that is written from its start again and again, and grows when it must.
 *
 * Whoever writes passes `at`, where the next byte goes, and gets it back moved on: in a register it is cheaper than in
 * a property.
 */
export class ByteWriter {
  bytes: Buffer;
  /** The same memory, for writing four bytes at a time. */
  view: DataView;
  /** Whether a name has been written since this was reset that may mean something else beside others: see `verifyLine`. */
  needsProof = false;
  /** Whether a string value with a newline has been written since this was reset. */
  holdsNewline = false;

  constructor(bytesMin: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytesMin);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for so many bytes and a few more. */
  reserve(at: number, count: number): void {
    if (at + count + MARGIN_BYTES > this.bytes.length) this.#grow(at, count);
  }

  byte(at: number, byte: number): number {
    this.bytes[at] = byte;
    return at + 1;
  }

  /** Four bytes at once, the first in the lowest bits; the first `count` of them count. */
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

  /** A short text known to be ASCII, such as a number's. */
  ascii(at: number, text: string): number {
    const { bytes } = this;
    for (let i = 0; i < text.length; i += 1) bytes[at + i] = text.charCodeAt(i);
    return at + text.length;
  }

  /** Any text; a lone surrogate becomes U+FFFD. */
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
