import { ByteWriter } from '../bytes';

const VARINT = 0;
const BYTES = 2;

/** Writes a message of Protocol Buffers, field by field. */
export class ProtobufWriter {
  readonly #out = new ByteWriter(256);

  get written(): Uint8Array {
    return this.#out.written;
  }

  /** Writes a whole number; a negative one takes 64 bits, as in Go. */
  int(field: number, value: number | bigint): this {
    this.#out.reserve(16);
    this.#out.uvarint(8 * field + VARINT);
    this.#out.uvarint64(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#out.reserve(16);
    this.#out.uvarint(8 * field + BYTES);
    this.#out.uvarint(value.length);
    this.#out.write(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  /** Writes a field that holds a message for each of the items. */
  messages<T>(field: number, items: readonly T[], write: (message: ProtobufWriter, item: T) => void): this {
    for (const item of items) {
      const message = new ProtobufWriter();
      write(message, item);
      this.bytes(field, message.written);
    }
    return this;
  }
}
