/** A line of a ledger's log: a heartbeat is in the storage. */
export interface Mark {
  /** The id of the heartbeat. */
  readonly heartbeat: string;
  /** The day of which it speaks, YYYYMMDD. */
  readonly day: string;
  /** How many entries of that day, from the first on, are named by now; `'all'` if the day is over, and restated as a whole. */
  readonly named: number | 'all';
}

const start = '{"heartbeat":';

export function formatMark({ heartbeat, day, named }: Mark): string {
  return JSON.stringify({ heartbeat, day, named });
}

/** Returns the mark on a line of a log; `undefined` for an entry. */
export function parseMark(line: string): Mark | undefined {
  return line.startsWith(start) ? (JSON.parse(line) as Mark) : undefined;
}
