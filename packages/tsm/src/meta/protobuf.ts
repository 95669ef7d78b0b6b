import { ByteReader } from '../bytes';
import { damaged } from '../errors';

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

const NONE: readonly never[] = Object.freeze([]);

/**
 * A message of Protocol Buffers. Fields are looked for where they lie, whenever they are asked for: a hostile message has millions of
 * them, and one that was kept would take many times its size.
 */
export class ProtobufMessage {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  /** @throws TsmError `DAMAGED` */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#each(undefined, () => undefined);
  }

  /** Returns what `read` makes of each message that a field holds. */
  messages<T>(number: number, read: (message: ProtobufMessage) => T): readonly T[] {
    let items: T[] | undefined;
    this.each(number, (message) => {
      items ??= [];
      items.push(read(message));
    });
    return items ?? NONE;
  }

  /** Passes each message that a field holds. */
  each(number: number, take: (message: ProtobufMessage) => void): void {
    this.#eachBytes(number, (start, end) => take(new ProtobufMessage(this.#bytes, start, end)));
  }

  has(number: number): boolean {
    let isThere = false;
    this.#each(number, () => {
      isThere = true;
    });
    return isThere;
  }

  /** Returns the last value of a field. */
  bytes(number: number): Uint8Array | undefined {
    let [from, to] = [-1, -1];
    this.#eachBytes(number, (start, end) => {
      from = start;
      to = end;
    });
    return from === -1 ? undefined : this.#bytes.subarray(from, to);
  }

  /** Returns a text; empty if the field is missing. */
  text(number: number): string {
    const bytes = this.bytes(number);
    return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
  }

  /** Returns the texts of a field that may have several. */
  texts(number: number): readonly string[] {
    const texts: string[] = [];
    this.#eachBytes(number, (start, end) => {
      texts.push(Buffer.from(this.#bytes.subarray(start, end)).toString('utf8'));
    });
    return texts;
  }

  /** Returns a signed number of 64 bits; 0 if the field is missing. */
  int64(number: number): bigint {
    let at = -1;
    this.#each(number, (start, _, isNumber) => {
      if (!isNumber) throw damaged('The metadata has bytes where it should have a number');
      at = start;
    });
    return at === -1 ? 0n : BigInt.asIntN(64, new ByteReader(this.#bytes, at).uvarint64());
  }

  /** Returns a number that counts or identifies something; 0 if the field is missing. */
  count(number: number): number {
    const value = Number(this.int64(number));
    if (value < 0 || !Number.isSafeInteger(value)) throw damaged(`The metadata has the impossible number ${value}`);
    return value;
  }

  #eachBytes(number: number, take: (start: number, end: number) => void): void {
    this.#each(number, (start, end, isNumber) => {
      if (isNumber) throw damaged('The metadata has a number where it should have bytes');
      take(start, end);
    });
  }

  /** Calls `take` for each value of a field. Numbers of fields that no one asks for are skipped: newer servers add some. */
  #each(number: number | undefined, take: (start: number, end: number, isNumber: boolean) => void): void {
    const reader = new ByteReader(this.#bytes, this.#start, this.#end);
    while (reader.left > 0) {
      const tag = reader.uvarint();
      const wireType = tag % 8;
      const length = wireType === BYTES ? reader.uvarint() : wireType === FIXED_64 ? 8 : wireType === FIXED_32 ? 4 : -1;
      const start = reader.position;
      if (wireType === VARINT) reader.skipUvarint64();
      else if (length >= 0) reader.skip(length);
      else throw damaged(`The metadata has a field of the kind ${wireType}, which does not exist`);
      if (Math.floor(tag / 8) === number) take(start, reader.position, wireType === VARINT);
    }
  }
}
