import { TsmError } from '../errors';
import type { ByteSource } from '../files/byte-source';
import type { Tombstones } from '../files/deletes/tombstones';

/** A TSM file that may be damaged. */
export interface SalvagedFile {
  readonly source: ByteSource;
  readonly tombstones: Tombstones;
}

/** Returns whether an error says that bytes are damaged, and not that they cannot be read. */
export function isDamage(error: unknown): error is TsmError {
  return error instanceof TsmError && ['DAMAGED', 'INCOMPLETE', 'NOT_TSM', 'TYPE_CONFLICT'].includes(error.code);
}
