import { LineProtocolError } from '../../errors';
import type { FileHeader } from '../header/file-header';
import type { LineDigest } from '../line-digest';

/** @throws LineProtocolError `INVALID_VALUE` if the header says another number of lines or bytes than there are */
export function checkSummary({ summary }: FileHeader, { lines, bytes }: LineDigest): void {
  if (summary === undefined || (summary.lines === lines && summary.bytes === bytes)) return;
  throw new LineProtocolError(
    'INVALID_VALUE',
    `the summary says ${summary.lines} lines of ${summary.bytes} bytes, but there are ${lines} lines of ${bytes} bytes`,
  );
}
