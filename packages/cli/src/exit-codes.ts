/** The codes that `ceres` exits with. Scripts, schedulers and Kubernetes Jobs act on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  setAside: 3,
  found: 4,
  unjudged: 5,
  interrupted: 130,
  terminated: 143,
} as const;

/** The one wording of each exit code, in `--help` and on every page that explains them; a test holds the pages to it. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'failed; the message says why',
  usage: 'wrong usage; nothing was touched',
  setAside: 'done, with something set aside: refused records, damaged files or names that InfluxDB refuses',
  found: 'something was found: a difference, a gap, a damaged file, or what could not be compared',
  unjudged: 'a drill or a watch could not be judged; the reasons say why',
  interrupted: 'interrupted (SIGINT); run the same command again',
  terminated: 'terminated (SIGTERM); run the same command again',
};

/** Returns the code of a command that a signal has ended: `main.ts` aborts with the name of the process's signal as its message. */
export function exitCodeOfSignal({ reason }: AbortSignal): number {
  return reason instanceof Error && reason.message === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
}
