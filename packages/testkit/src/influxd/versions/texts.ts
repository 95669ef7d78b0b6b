import { isVersion } from './version';

/** The destination of a write, by the names that a message gives. */
export interface WrittenTo {
  readonly database: string;
  readonly retentionPolicy: string;
}

/** Returns the message that `version` gives where InfluxDB 1.6.7 gives this one. */
export function messageOf(version: string, message: string, to: WrittenTo): string {
  let text = message;
  if (isVersion(version, { from: '1.9' })) {
    text = text.replace(
      /^partial write: max-series-per-database limit exceeded: \((\d+)\) dropped=(\d+)$/,
      `partial write: max-series-per-database exceeded database=${to.database} limit=$1 series=$1 keys=$2 dropped=$2`,
    );
  }
  return isVersion(version, { from: '1.12' }) ? messageOf1_12(text, to) : text;
}

/** Returns the answer of 1.12 about a field `time` beside others: the point is stored without it. */
export function timeStripped(measurement: string, to: WrittenTo): string {
  const what = `input field "time" on measurement ${quoteGo(measurement)} has been stripped from point.`;
  return `partial write: invalid field name: ${what} dropped=0${suffix(to)}`;
}

function messageOf1_12(message: string, to: WrittenTo): string {
  const [, reason, dropped] = /^partial write: (.*) dropped=(\d+)$/s.exec(message) ?? [];
  if (reason === undefined || dropped === undefined) return message;
  if (reason.startsWith('unable to parse')) return `${message} for database: ${to.database}`;
  return `partial write: ${reasonOf1_12(reason, dropped)} dropped=${dropped}${suffix(to)}`;
}

function reasonOf1_12(reason: string, dropped: string): string {
  if (reason === 'points beyond retention policy') {
    const bound = `because it violates a Retention Policy Lower Bound at ${new Date(Date.now() - 3_600_000).toISOString()}`;
    const points = ['oldest', 'newest'].map((which) => `${which} point m at 1970-01-01T00:00:01Z dropped ${bound}`);
    return `dropped ${dropped} points outside retention policy of duration 1h0m0s - ${points.join(', ')}`;
  }
  const conflict = /^(field type conflict: input field )"(.*)" on measurement "(.*)"( is type .*)$/s.exec(reason);
  if (conflict === null) return reason;
  const [, begin = '', field = '', measurement = '', end = ''] = conflict;
  return `${begin}${quoteGo(field)} on measurement ${quoteGo(measurement)}${end}`;
}

function suffix({ database, retentionPolicy }: WrittenTo): string {
  return ` for database: ${database} for retention policy: ${retentionPolicy}`;
}

/** Quotes as Go's `strconv.Quote` does, for names of letters, quotes, backslashes and line feeds. */
function quoteGo(name: string): string {
  return JSON.stringify(name);
}
