/** The length of each unit in ms: the units of Go (`µs`), of InfluxQL (`u`, `µ`, `d`, `w`) and of the command line. */
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  u: 1e-3,
  µ: 1e-3,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Two letters come before one, so that `ms` is not read as `m`. */
const term = /(\d+(?:\.\d+)?)(ns|us|µs|ms|[uµsmhdw])/gy;
/** No real duration is longer, so a longer text is refused without a scan. */
const textLengthMax = 100;

/**
 * Returns a duration such as `1m30s`, `1.5ms`, `120h0m0s` or `5d` in ms, or `undefined` for any other text.
 *
 * A text from a file or a server is put into an InfluxQL statement only after this check.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === '' || text.length > textLengthMax) return undefined;
  let sumMs = 0;
  let end = 0;
  for (const match of text.matchAll(term)) {
    sumMs += Number(match[1]) * (unitMs[match[2] as string] as number);
    end = match.index + match[0].length;
  }
  return end === text.length ? sumMs : undefined;
}
