/** The compressed bytes of a file between the reading that proves it and the one that uses its lines. */
export interface FileCopy {
  /** Says whether a second reading may give other bytes than the first, so that they must be compared. */
  readonly needsDigests: boolean;
  /** False if not all bytes could be kept, so that the file cannot be read from here. */
  readonly isWhole: boolean;
  /** Passes the bytes of a file on, and keeps them. */
  fill(gz: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Reads the bytes once more. */
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
