import { createHash } from 'node:crypto';
import { untilAborted } from '@ceres/internal';
import type { CallOptions, ObjectBody } from './contract';
import { StorageError } from './errors';

/** 16 bytes in base64. */
const md5Pattern = /^[A-Za-z0-9+/]{22}==$/;

export interface ReadBodyOptions extends CallOptions {
  /** `false` leaves the checksum to a storage that refuses a wrong one itself: hashing takes 1.5 ms a MB. Default: true. */
  readonly checkMd5?: boolean;
}

/**
 * Opens a body for one attempt and yields its bytes. Throws instead of ending when they are not what was declared, and
 * before the first byte too many is yielded: an adapter that commits only after a normal end stores whole or nothing.
 *
 * @throws StorageError `SIZE_MISMATCH`, `CHECKSUM_MISMATCH`, `INVALID_OPTIONS`; the signal's reason; what the body throws
 */
export async function* readBody(
  key: string,
  body: ObjectBody,
  options: ReadBodyOptions = {},
): AsyncGenerator<Uint8Array> {
  checkDeclared(key, body);
  const { sizeBytes, md5 } = body;
  const hash = md5 === undefined || options.checkMd5 === false ? undefined : createHash('md5');
  let bytes = 0;
  for await (const chunk of untilAborted(body.open(), options.signal)) {
    bytes += chunk.byteLength;
    if (bytes > sizeBytes) throw sizeMismatch(key, sizeBytes, `at least ${bytes}`);
    yield chunk;
    hash?.update(chunk); // after the yield: the chunk may already be on its way meanwhile
  }
  if (bytes < sizeBytes) throw sizeMismatch(key, sizeBytes, `only ${bytes}`);
  const found = hash?.digest('base64');
  if (found !== undefined && found !== md5) {
    const what = `The body of "${key}" has the MD5 ${found}, declared was ${md5}; nothing was stored.`;
    throw new StorageError('CHECKSUM_MISMATCH', `${what} Check the disk it is read from.`, { key });
  }
}

function checkDeclared(key: string, { sizeBytes, md5 }: ObjectBody): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new StorageError('INVALID_OPTIONS', `The sizeBytes of "${key}" is ${sizeBytes}: give the exact size.`, {
      key,
    });
  }
  if (md5 !== undefined && !md5Pattern.test(md5)) {
    throw new StorageError('INVALID_OPTIONS', `The md5 of "${key}" is "${md5}": give 16 bytes in base64.`, { key });
  }
}

function sizeMismatch(key: string, declared: number, found: string): StorageError {
  const what = `The body of "${key}" has ${found} bytes, declared were ${declared}; nothing was stored.`;
  return new StorageError('SIZE_MISMATCH', `${what} Was the file still being written?`, { key });
}
