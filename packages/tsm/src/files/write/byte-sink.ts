/** Takes bytes, one piece after another: a file, an archive, a connection. */
export interface ByteSink {
  /** Resolves when more may come. The bytes may change after that. */
  write(bytes: Uint8Array): Promise<void>;
}
