/** Says why a seed failed. Callers react to the code, never to the message. Faults of the source and of the storage keep their own classes. */
export type SeedErrorCode =
  | 'INVALID_OPTIONS' // an unknown or impossible option, refused before any I/O
  | 'NOTHING_TO_SEED' // the selection matches no shard of the source
  | 'ALREADY_SEEDED' // a finished seed covers one of the databases and policies; `again` seeds them once more
  | 'AGAIN_REFUSED' // the ledgers do not show which files a sink had open, so that the seed has no place in the order
  | 'WORK_FOLDER' // the work folder belongs to another seed, is in use, is damaged, or cannot be written
  | 'SCRATCH_FULL' // the work folder cannot hold what the seed needs
  | 'PROOF_FAILED'; // what the storage returned is not what was read from the source

/** The only error class of `@ceres/seed`. Its message says what happened, to what, and what to do next. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
  readonly code: SeedErrorCode;

  constructor(code: SeedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
