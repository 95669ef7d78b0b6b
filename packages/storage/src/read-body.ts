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
  const { sizeBytes, md5 } = body;
  const hash = md5 === undefined || options.checkMd5 === false ? undefined : createHash('md5');
  let bytes = 0;
  for await (const chunk of untilAborted(body.open(), options.signal)) {
    bytes += chunk.byteLength;
    if (bytes > sizeBytes) throw sizeMismatch(key, sizeBytes, `at least ${bytes}`);
    yield chunk;
    hash?.update(chunk); // after the yield, so that the chunk may already be on its way
  }
  if (bytes < sizeBytes) throw sizeMismatch(key, sizeBytes, `only ${bytes}`);
  const found = hash?.digest('base64');
  if (found !== undefined && found !== md5) {
    const message = `Expected the body of "${key}" to have the MD5 ${md5}, got ${found}; nothing was stored.`;
    throw new StorageError('CHECKSUM_MISMATCH', `${message} Check the disk that it is read from.`, { key });
  }
}

function checkDeclared(key: string, { sizeBytes, md5 }: ObjectBody): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    const message = `Expected \`sizeBytes\` of "${key}" to be its exact size, a whole number, got ${sizeBytes}.`;
    throw new StorageError('INVALID_OPTIONS', message, { key });
  }
  if (md5 !== undefined && !md5Pattern.test(md5)) {
    throw new StorageError('INVALID_OPTIONS', `Expected \`md5\` of "${key}" to be 16 bytes in base64, got "${md5}".`, {
      key,
    });
  }
}

function sizeMismatch(key: string, declared: number, found: string): StorageError {
  const message = `Expected the body of "${key}" to have ${declared} bytes, got ${found}; nothing was stored.`;
  return new StorageError('SIZE_MISMATCH', `${message} Check that the file is no longer written to.`, { key });
}
