import { ByteReader } from '../bytes';
import { damaged } from '../errors';

/** The value of a field in a message: a whole number of 64 bits, or bytes. */
type FieldValue = bigint | Uint8Array;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** The fields of a message of Protocol Buffers, by their numbers. Numbers that no one asks for are skipped: newer servers add some. */
export class ProtobufMessage {
  readonly #fields = new Map<number, FieldValue[]>();

  /** @throws TsmError `DAMAGED` */
  constructor(bytes: Uint8Array) {
    const reader = new ByteReader(bytes);
    while (reader.left > 0) {
      const tag = reader.uvarint();
      const [number, wireType] = [Math.floor(tag / 8), tag % 8];
      let value: FieldValue;
      if (wireType === VARINT) value = reader.uvarint64();
      else if (wireType === BYTES) value = reader.take(reader.uvarint());
      else if (wireType === FIXED_64) value = reader.take(8);
      else if (wireType === FIXED_32) value = reader.take(4);
      else throw damaged(`The metadata has a field of the kind ${wireType}, which does not exist`);
      const values = this.#fields.get(number) ?? [];
      values.push(value);
      this.#fields.set(number, values);
    }
  }

  /** Returns all values of a field that holds messages. */
  messages(number: number): readonly ProtobufMessage[] {
    return (this.#fields.get(number) ?? []).map((value) => new ProtobufMessage(asBytes(value)));
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  bytes(number: number): Uint8Array | undefined {
    const value = this.#fields.get(number)?.at(-1);
    return value === undefined ? undefined : asBytes(value);
  }

  /** Returns a text; empty if the field is missing. */
  text(number: number): string {
    const bytes = this.bytes(number);
    return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
  }

  /** Returns a signed number of 64 bits; 0 if the field is missing. */
  int64(number: number): bigint {
    const value = this.#fields.get(number)?.at(-1) ?? 0n;
    if (typeof value !== 'bigint') throw damaged('The metadata has bytes where it should have a number');
    return BigInt.asIntN(64, value);
  }

  /** Returns a number that counts or identifies something; 0 if the field is missing. */
  count(number: number): number {
    const value = Number(this.int64(number));
    if (value < 0 || !Number.isSafeInteger(value)) throw damaged(`The metadata has the impossible number ${value}`);
    return value;
  }
}

function asBytes(value: FieldValue): Uint8Array {
  if (typeof value === 'bigint') throw damaged('The metadata has a number where it should have bytes');
  return value;
}
