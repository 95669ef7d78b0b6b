import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ObjectBody } from '@ceres/storage';

/** Returns bytes in memory as the body of an object. */
export function bytesBody(bytes: Uint8Array): ObjectBody {
  return {
    sizeBytes: bytes.byteLength,
    md5: createHash('md5').update(bytes).digest('base64'),
    crc32: crc32(bytes),
    open: async function* () {
      yield Buffer.from(bytes); // the storage owns what it gets
    },
  };
}
