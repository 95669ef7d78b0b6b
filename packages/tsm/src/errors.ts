/** Says why a call failed. Callers react to the code, never to the message. */
export type TsmErrorCode =
  | 'INVALID_OPTIONS' // an unknown or impossible option, refused before any I/O
  | 'INVALID_POINTS' // what should be written cannot be stored: keys or times out of order, NaN, a key or text too long
  | 'NOT_TSM' // not a file of this format, or of another version
  | 'DAMAGED' // bytes that contradict themselves, their checksum or the format
  | 'INCOMPLETE' // a file or an archive ends before its end: it was cut
  | 'TYPE_CONFLICT' // one field of a series has two types in the files of one shard
  | 'HAS_TOMBSTONES' // a file that should go into an archive has deleted points, which InfluxDB would bring back
  | 'UNSAFE_NAME' // a name in an archive or in a folder would lead out of the folder that it belongs to
  | 'MISSING' // a folder lacks a file that it should have, or holds nothing of the kind that was asked for
  | 'SCRATCH_FULL' // what must be unpacked does not fit into the memory and the scratch folder that the options allow
  | 'UNREACHABLE' // a snapshot service refuses the connection, is silent, or went away
  | 'FOREIGN_SERVICE' // what answers is not the snapshot service of an InfluxDB 1.x
  | 'BUSY' // a snapshot service gave nothing of a shard: it is gone, or another snapshot of it is being taken
  | 'META_REFUSED' // a snapshot service did not add the metadata that it was sent
  | 'UNREADABLE' // the operating system refused to read; the cause says why
  | 'UNWRITABLE'; // the operating system refused to write; the cause says why

/** The only error class of `@ceres/tsm`. */
export class TsmError extends Error {
  override readonly name = 'TsmError';
  readonly code: TsmErrorCode;

  constructor(code: TsmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the error for bytes that contradict the format. `what` is a sentence without its period. */
export function damaged(what: string, cause?: unknown): TsmError {
  return new TsmError('DAMAGED', `${what}.`, cause === undefined ? undefined : { cause });
}

/**
 * Returns the same error with the place in front: the innermost code sees bytes, and only its callers know of which file and key.
 * Errors of other classes are our own faults and stay as they are.
 */
export function placed(error: unknown, place: string): unknown {
  if (!(error instanceof TsmError)) return error;
  return new TsmError(error.code, `${place}: ${error.message}`, { cause: error.cause ?? error });
}
