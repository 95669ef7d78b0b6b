import { StorageError, type StorageErrorCode } from '../errors';

/** Says why nothing of a heartbeat counts. */
export type HeartbeatCode = Extract<StorageErrorCode, `HEARTBEAT_${string}`>;

const remedies: Readonly<Record<HeartbeatCode, string>> = {
  HEARTBEAT_CUT: 'Nothing in it counts. Find out what cut it.',
  HEARTBEAT_ALTERED: 'Nothing in it counts. Find out what changed it.',
  HEARTBEAT_FOREIGN: 'Nothing in it counts. Find out who wrote or copied it.',
  HEARTBEAT_FUTURE: "Nothing in it counts. Set the clock of the sink's host.",
  HEARTBEAT_NEWER: 'Update Ceres here.',
  HEARTBEAT_TOO_LARGE: 'It was not read to its end. Find out who wrote it.',
};

/** Returns whether an error says that a heartbeat is not to be trusted, and not that it could not be read. */
export function isHeartbeatCode(code: StorageErrorCode): code is HeartbeatCode {
  return code in remedies;
}

/** Returns what makes the errors of one heartbeat. */
export function faultOf(key: string): (code: HeartbeatCode, why: string, cause?: unknown) => StorageError {
  return (code, why, cause) =>
    new StorageError(code, `The heartbeat ${key} is not to be trusted: ${why}. ${remedies[code]}`, { key, cause });
}
