/** What is known of a run of lines. It can be joined with what is known of the lines that follow, without reading either again. */
export interface LineSummary {
  /** Records. */
  readonly lines: number;
  /** The bytes of the records, with their LFs. */
  readonly bytes: number;
  /** The least timestamp; `undefined` if no record has one. */
  readonly firstTimestamp: bigint | undefined;
  /** The greatest timestamp; `undefined` if no record has one. */
  readonly lastTimestamp: bigint | undefined;
  /** The bytes of the longest record, with its LF. */
  readonly recordBytesMax: number;
  /** Says whether a record holds a newline, which InfluxDB's importer would double. */
  readonly hasInnerNewline: boolean;
}

/** The least and the greatest timestamp of a run of lines. */
export type SummaryTimes = Pick<LineSummary, 'firstTimestamp' | 'lastTimestamp'>;

export const noTimes: SummaryTimes = { firstTimestamp: undefined, lastTimestamp: undefined };

/** The summary of no lines at all. */
export const emptySummary: LineSummary = {
  lines: 0,
  bytes: 0,
  firstTimestamp: undefined,
  lastTimestamp: undefined,
  recordBytesMax: 0,
  hasInnerNewline: false,
};

/** Returns the summary of the lines of both. */
export function joinSummaries(a: LineSummary, b: LineSummary): LineSummary {
  return {
    lines: a.lines + b.lines,
    bytes: a.bytes + b.bytes,
    firstTimestamp: earlier(a.firstTimestamp, b.firstTimestamp),
    lastTimestamp: later(a.lastTimestamp, b.lastTimestamp),
    recordBytesMax: Math.max(a.recordBytesMax, b.recordBytesMax),
    hasInnerNewline: a.hasInnerNewline || b.hasInnerNewline,
  };
}

/** Returns the least and the greatest timestamp of both. */
export function joinTimes(a: SummaryTimes, b: SummaryTimes): SummaryTimes {
  return {
    firstTimestamp: earlier(a.firstTimestamp, b.firstTimestamp),
    lastTimestamp: later(a.lastTimestamp, b.lastTimestamp),
  };
}

function earlier(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b < a ? b : a;
}

function later(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b > a ? b : a;
}
