import type { Precision } from '@ceres/lineproto';
import { SinkError } from '../../errors';
import { precisionOfWord } from './precision';

/** The database and policy that a write goes to, and the unit of its timestamps. `retentionPolicy` `''` is the default policy. */
export interface WriteTarget {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly precision: Precision;
}

/** The three ways to write: `/write?db=&rp=`, `/api/v2/write?bucket=db/rp`, `/api/v3/write_lp?db=`. */
export type WriteApi = 'v1' | 'v2' | 'v3';

const apis: ReadonlyMap<string, WriteApi> = new Map([
  ['/write', 'v1'],
  ['/api/v2/write', 'v2'],
  ['/api/v3/write_lp', 'v3'],
]);

/** What `precision=` may say, beside the words of `/write`, which differ by the server's version. */
const laterWords = {
  v2: new Map<string, Precision>([
    ['', 'ns'],
    ['ns', 'ns'],
    ['us', 'us'],
    ['ms', 'ms'],
    ['s', 's'],
  ]),
  v3: new Map<string, Precision>([
    ['', 'ns'],
    ['ns', 'ns'],
    ['nanosecond', 'ns'],
    ['us', 'us'],
    ['microsecond', 'us'],
    ['ms', 'ms'],
    ['millisecond', 'ms'],
    ['s', 's'],
    ['second', 's'],
  ]),
} as const;

/** The words as InfluxDB lists them for those who use another. */
const wordLists: Readonly<Record<WriteApi, string>> = {
  v1: 'n, u, ms, s, m or h',
  v2: 'ns, us, ms or s',
  v3: 'nanosecond, microsecond, millisecond or second',
};

/** Returns the API that a path writes with; `undefined` if it is not a write. */
export function writeApiOf(pathname: string): WriteApi | undefined {
  return apis.get(pathname);
}

/**
 * Reads the target of a write from the parameters of its URL.
 *
 * @param unknownWord the meaning of a `precision` that `/write` does not know: `undefined`, for a server that refuses it
 * @throws SinkError `INVALID_DATA`, in InfluxDB's words where it has its own
 */
export function readTarget(api: WriteApi, parameters: URLSearchParams, unknownWord?: 'ns'): WriteTarget {
  const precision = readPrecision(api, parameters.get('precision') ?? '', unknownWord);
  if (api === 'v2') return { ...readBucket(parameters.get('bucket') ?? ''), precision };
  const database = parameters.get('db') ?? '';
  if (database === '') throw new SinkError('INVALID_DATA', 'database is required');
  return { database, retentionPolicy: parameters.get('rp') ?? '', precision };
}

/** Reads `db/rp`, or `db` for its default policy, as InfluxDB 1.8 does. */
function readBucket(bucket: string): { database: string; retentionPolicy: string } {
  const slash = bucket.indexOf('/');
  const database = slash === -1 ? bucket : bucket.slice(0, slash);
  if (database === '') {
    throw new SinkError('INVALID_DATA', `bucket is required, as DATABASE/POLICY, or DATABASE for its default policy`);
  }
  return { database, retentionPolicy: slash === -1 ? '' : bucket.slice(slash + 1) };
}

function readPrecision(api: WriteApi, word: string, unknownWord: 'ns' | undefined): Precision {
  const precision = api === 'v1' ? (precisionOfWord(word) ?? unknownWord) : laterWords[api].get(word);
  if (precision === undefined) {
    const shown = JSON.stringify(word.slice(0, 20));
    throw new SinkError('INVALID_DATA', `invalid precision ${shown} (use ${wordLists[api]})`);
  }
  return precision;
}

/** Says whether it depends on the server's version what the `precision` of a write means. */
export function needsVersion(api: WriteApi, parameters: URLSearchParams): boolean {
  return api === 'v1' && precisionOfWord(parameters.get('precision') ?? '') === undefined;
}
