import { damaged } from '../../errors';

/** Tar has a grid: a header fills one block, and so does the end of each file, with zeros. */
export const TAR_BLOCK_BYTES = 512;
/** The largest extended header that we accept: it holds a name. */
export const EXTENSION_BYTES_MAX = 64 * 1024;

/** What a header says. */
export interface TarHeader {
  readonly name: string;
  readonly sizeBytes: number;
  /** `0` is a file, `5` a folder, `x` an extended header (PAX) of the next one, `g` of all, `L` a long name (GNU) of the next. */
  readonly type: string;
}

/**
 * Reads a header in one of the formats that Go writes (ustar, PAX, GNU).
 *
 * @throws TsmError `DAMAGED`
 */
export function parseTarHeader(block: Uint8Array): TarHeader {
  const expected = octal(block, 148, 8);
  let sum = 0;
  for (let i = 0; i < TAR_BLOCK_BYTES; i += 1) sum += i >= 148 && i < 156 ? 32 : (block[i] as number);
  if (sum !== expected) throw damaged('The checksum of a header in the archive is wrong');
  const name = text(block, 0, 100);
  const isUstar = text(block, 257, 6) === 'ustar';
  const prefix = isUstar ? text(block, 345, 155) : '';
  const type = block[156] === 0 ? '0' : String.fromCharCode(block[156] as number);
  return { name: prefix === '' ? name : `${prefix}/${name}`, sizeBytes: octal(block, 124, 12), type };
}

/** Reads the records of an extended header: each is its own length in digits, a space, `key=value` and a line feed. */
export function parsePaxRecords(bytes: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < all.length; ) {
    const [, digits = ''] = /^(\d{1,6}) /.exec(all.toString('latin1', at, at + 8)) ?? [];
    const end = at + Number(digits);
    const [, key, value] = /^([^=]+)=(.*)\n$/s.exec(all.toString('utf8', at + digits.length + 1, end)) ?? [];
    if (digits === '' || end > all.length || key === undefined || value === undefined) {
      throw damaged('An extended header in the archive cannot be read');
    }
    records.set(key, value);
    at = end;
  }
  return records;
}

function text(block: Uint8Array, at: number, length: number): string {
  const field = Buffer.from(block.buffer, block.byteOffset + at, length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** Reads a number in octal digits, or in binary where its first bit is set (GNU, for large ones). */
function octal(block: Uint8Array, at: number, length: number): number {
  if (((block[at] as number) & 0x80) !== 0) {
    let value = (block[at] as number) & 0x7f;
    for (let i = at + 1; i < at + length; i += 1) value = value * 256 + (block[i] as number);
    if (Number.isSafeInteger(value)) return value;
  } else {
    const digits = text(block, at, length).trim();
    if (/^[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  }
  throw damaged('A number in a header of the archive cannot be read');
}
