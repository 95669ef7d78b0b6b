/** The codes that `ceres` exits with. Scripts, schedulers and Kubernetes Jobs act on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  setAside: 3,
  found: 4,
  interrupted: 130,
} as const;

/** The one wording of each exit code, in `--help` and on every page that explains them; a test holds the pages to it. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'failed; the message says why',
  usage: 'wrong usage; nothing was touched',
  setAside: 'done, with something set aside: refused records, damaged files or names that InfluxDB refuses',
  found: 'something was found: a difference, a gap, a damaged file, or what could not be compared',
  interrupted: 'interrupted; run the same command again',
};
