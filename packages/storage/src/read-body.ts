import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { untilAborted } from '@ceres/internal';
import type { CallOptions, ObjectBody } from './contract';
import { StorageError } from './errors';

/** 16 bytes in base64. */
const md5Pattern = /^[A-Za-z0-9+/]{22}==$/;

export interface ReadBodyOptions extends CallOptions {
  /** `false` leaves the checksums to a storage that refuses a wrong one itself: an MD5 takes 1.5 ms a MB. Default: true. */
  readonly verifyChecksum?: boolean;
}

/**
 * Opens a body for one attempt and yields its bytes. It throws instead of ending when they are not what was declared, and
 * before it yields a byte too many. So an adapter that commits only after a normal end stores whole or nothing.
 *
 * @throws StorageError `SIZE_MISMATCH`, `CHECKSUM_MISMATCH`, `INVALID_OPTIONS`; the signal's reason; what the body throws
 */
export async function* readBody(
  key: string,
  body: ObjectBody,
  options: ReadBodyOptions = {},
): AsyncGenerator<Uint8Array> {
  checkDeclared(key, body);
  const { sizeBytes } = body;
  const checksum = options.verifyChecksum === false ? undefined : declaredChecksum(body);
  let bytes = 0;
  for await (const chunk of untilAborted(body.open(), options.signal)) {
    bytes += chunk.byteLength;
    if (bytes > sizeBytes) throw sizeMismatch(key, sizeBytes, `at least ${bytes}`);
    yield chunk;
    checksum?.add(chunk); // after the yield, so that the chunk may already be on its way
  }
  if (bytes < sizeBytes) throw sizeMismatch(key, sizeBytes, `only ${bytes}`);
  const found = checksum?.found();
  if (checksum !== undefined && found !== checksum.declared) {
    const expected = `Expected the body of "${key}" to have the ${checksum.name} ${checksum.declared}, got ${found}`;
    const message = `${expected}; nothing was stored. Check the disk that it is read from.`;
    throw new StorageError('CHECKSUM_MISMATCH', message, { key });
  }
}

/** A checksum of the bytes that are added, and the one that was declared. */
interface Checksum {
  readonly name: string;
  readonly declared: string;
  add(bytes: Uint8Array): void;
  found(): string;
}

function declaredChecksum({ md5, crc32: declared }: ObjectBody): Checksum | undefined {
  if (declared !== undefined) {
    let crc = 0;
    const add = (bytes: Uint8Array) => {
      crc = crc32(bytes, crc);
    };
    return { name: 'CRC-32', declared: inHex(declared), add, found: () => inHex(crc) };
  }
  if (md5 === undefined) return undefined;
  const hash = createHash('md5');
  return { name: 'MD5', declared: md5, add: (bytes) => hash.update(bytes), found: () => hash.digest('base64') };
}

function inHex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function checkDeclared(key: string, { sizeBytes, md5, crc32: crc }: ObjectBody): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    const message = `Expected \`sizeBytes\` of "${key}" to be its exact size, a whole number, got ${sizeBytes}.`;
    throw new StorageError('INVALID_OPTIONS', message, { key });
  }
  if (md5 !== undefined && !md5Pattern.test(md5)) {
    throw new StorageError('INVALID_OPTIONS', `Expected \`md5\` of "${key}" to be 16 bytes in base64, got "${md5}".`, {
      key,
    });
  }
  if (crc !== undefined && !(Number.isInteger(crc) && crc >= 0 && crc <= 0xffff_ffff)) {
    const message = `Expected \`crc32\` of "${key}" to be a whole number of 32 bits, without a sign, got ${crc}.`;
    throw new StorageError('INVALID_OPTIONS', message, { key });
  }
}

function sizeMismatch(key: string, declared: number, found: string): StorageError {
  const message = `Expected the body of "${key}" to have ${declared} bytes, got ${found}; nothing was stored.`;
  return new StorageError('SIZE_MISMATCH', `${message} Check that the file is no longer written to.`, { key });
}
