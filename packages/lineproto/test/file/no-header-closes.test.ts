import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decodeFile } from '../../src/index';

const limits = { batchBytesMax: 1024, batchLinesMax: 100 };

/** The header of such a file is asked for, and its lines are not: there are none to be had. */
it.each([
  ['what is not gzip', Buffer.alloc(600_000, 'no gzip')],
  ['gzip without a header', gzipSync(Buffer.alloc(3_000_000, 'm v=1\n'))],
])('a file without a header closes its source, although nothing iterates it: %s', async (_name, bytes) => {
  let isClosed = false;
  const source = (async function* () {
    try {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
    } finally {
      isClosed = true;
    }
  })();
  await expect(decodeFile(source, limits).header).rejects.toMatchObject({ code: 'NOT_A_BACKUP_FILE' });
  expect(isClosed).toBe(true);
});
