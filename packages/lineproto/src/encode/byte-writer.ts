/** Beyond the text a write is about: its separators, a number, a timestamp. */
const MARGIN_BYTES = 128;

/** One buffer that is written from its start again and again, and grows when it must. */
export class ByteWriter {
  bytes: Buffer;
  /** Where the next byte goes. */
  at = 0;
  /** Whether a name with a backslash has been written since this was reset. */
  holdsBackslash = false;

  constructor(bytesMin: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytesMin);
  }

  /** Makes room for so many bytes and a few more. */
  reserve(count: number): void {
    if (this.at + count + MARGIN_BYTES > this.bytes.length) this.#grow(count);
  }

  byte(byte: number): void {
    this.bytes[this.at] = byte;
    this.at += 1;
  }

  /** Text known to be ASCII, such as a number's. */
  ascii(text: string): void {
    const { bytes } = this;
    let { at } = this;
    for (let i = 0; i < text.length; i += 1) bytes[at++] = text.charCodeAt(i);
    this.at = at;
  }

  /** Any text; a lone surrogate becomes U+FFFD. */
  utf8(text: string): void {
    this.reserve(3 * text.length);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  #grow(count: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.at + count + MARGIN_BYTES));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}
