import { createHash, randomBytes } from 'node:crypto';
import type { ObjectBody } from '@ceres/storage';

/** The size of a segment of 64 MiB of telemetry once it is compressed. */
const fileBytes = 8 * 1024 * 1024;
/** The size of the chunks in which a file is read from the spool. */
const chunkBytes = 256 * 1024;

export const fileMegabytes = fileBytes / 1e6;

/** Random bytes, which look like compressed data. */
export const content: Buffer = randomBytes(fileBytes);
export const md5: string = createHash('md5').update(content).digest('base64');

export function body(): ObjectBody {
  return { sizeBytes: fileBytes, md5, open: chunks };
}

export async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < fileBytes; at += chunkBytes) yield content.subarray(at, at + chunkBytes);
}
