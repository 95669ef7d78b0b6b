/**
 * The size of the buffers that zlib fills. Its thread stops at a full one until the event loop comes to it, so a buffer holds
 * a whole piece of telemetry (1.2 MB). With the default of 16 KiB it inflates at a quarter of the speed.
 */
export const OUTPUT_BYTES: number = 2 * 1024 * 1024;

/** The memory that a file is inflated into, where the caller keeps it: new memory takes longer than to fill it, and makes V8 collect garbage. */
export interface InflateRoom {
  /** Returns `OUTPUT_BYTES` of it, which zlib writes into until `filled` is called; `undefined` if there is no more: new memory is taken then. */
  begin(): Buffer | undefined;
  /** Says how many bytes of it, from its beginning, hold text. */
  filled(bytes: number): void;
}
