import type { Receipt } from '../write/receipt';

/** What a tee adds to InfluxDB's error: the points are safe, and this receipt says in which way. */
export interface BackedUp {
  readonly backup: Receipt;
}

/** Whether an error came after the backup: the write need not be repeated to be restorable. */
export function isBackedUp(error: unknown): error is Error & BackedUp {
  return error instanceof Error && 'backup' in error;
}

/** The same error object, so that the caller's `instanceof` and `code` checks go on working. */
export function withBackup(error: Error, backup: Receipt): Error {
  return Object.isExtensible(error) ? Object.assign(error, { backup }) : error;
}
