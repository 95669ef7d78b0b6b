import { precisionParameter } from '@ceres/influx-http/internal';
import { type Precision, rescale } from '@ceres/lineproto';
import { readTarget, type WriteApi, type WriteTarget, writeApiOf } from '../parameters/write-target';

/** A write, as a client library passes it to its transport. */
export interface WritePath {
  readonly target: WriteTarget;
  /** The path as it came, if every server understands its precision as it is meant. */
  readonly givenPath: string | undefined;
  /** Returns the same request for lines in another precision. */
  readonly inPrecision: (lines: Uint8Array, precision: Precision) => { readonly path: string; readonly body: string };
}

/**
 * Reads what a path asks for. Returns `undefined` if it is not a write.
 *
 * @throws SinkError `INVALID_DATA` if it does not say where to write, or in which precision
 */
export function readWritePath(path: string): WritePath | undefined {
  const [pathname = '', query = ''] = splitOnce(path, '?');
  const api = writeApiOf(pathname);
  if (api === undefined) return undefined;
  const parameters = new URLSearchParams(query);
  const target = readTarget(api, parameters);
  // Versions 2 and 3 do not know minutes and hours.
  const isUnknown = (precision: Precision) => api !== 'v1' && (precision === 'm' || precision === 'h');
  const isPlain = parameters.get('precision') === precisionWord(api, target.precision) && !isUnknown(target.precision);
  return {
    target,
    givenPath: isPlain ? path : undefined,
    inPrecision: (lines, precision) => {
      const coarse = isUnknown(precision);
      const sent = coarse ? rescale(lines, precision, 's', 'refuse') : lines;
      parameters.set('precision', precisionWord(api, coarse ? 's' : precision));
      return {
        path: `${pathname}?${parameters}`,
        body: utf8.decode(sent.at(-1) === lineFeed ? sent.subarray(0, -1) : sent),
      };
    },
  };
}

/** A byte order mark belongs to the first measurement, for InfluxDB and so for the backup. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const lineFeed = 0x0a;

const v3Words: Partial<Record<Precision, string>> = {
  ns: 'nanosecond',
  us: 'microsecond',
  ms: 'millisecond',
  s: 'second',
};

function precisionWord(api: WriteApi, precision: Precision): string {
  if (api === 'v1') return precisionParameter[precision];
  return api === 'v2' ? precision : (v3Words[precision] ?? precision);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
