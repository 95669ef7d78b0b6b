/** What `ceres` ends with: scripts, schedulers and Kubernetes Jobs decide on it. */
export const exitCodes = {
  /** All was restored, or what was compared is equal. */
  done: 0,
  failed: 1,
  /** The command line is wrong; nothing was touched. */
  usage: 2,
  /** All was read, but some records were refused and rest in the rejects folder. */
  rejects: 3,
  /** `verify` or `check` found a difference or a damaged file, or `cat` a damaged file. */
  mismatch: 4,
  /** SIGINT; what the command printed says how to go on. */
  interrupted: 130,
} as const;
