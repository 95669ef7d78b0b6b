import type { Reject } from './checked-lines';

/** Refused records as the quarantine file holds them: a comment with the reason and the length, then the raw bytes. */
export function formatRejects(rejects: readonly Reject[]): Uint8Array {
  return Buffer.concat(
    rejects.flatMap(({ bytes, error }) => [
      Buffer.from(`# CERES-REASON: code=${error.code} bytes=${bytes.byteLength}\n`),
      bytes,
      newline,
    ]),
  );
}

const newline = Buffer.from('\n');
