import type { Precision } from '@ceres/lineproto';
import { SinkError } from '../../errors';
import { legalPrecisionWords, precisionOfWord } from './precision';

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

/** Version 3 spells out its units. */
const v3Precisions: ReadonlyMap<string, Precision> = new Map([
  ['nanosecond', 'ns'],
  ['microsecond', 'us'],
  ['millisecond', 'ms'],
  ['second', 's'],
]);

/** Returns the API that a path writes with; `undefined` if it is not a write. */
export function writeApiOf(pathname: string): WriteApi | undefined {
  return apis.get(pathname);
}

/**
 * Reads the target of a write from the parameters of its URL.
 *
 * @throws SinkError `INVALID_DATA`, in InfluxDB's words where it has its own
 */
export function readTarget(api: WriteApi, parameters: URLSearchParams): WriteTarget {
  const precision = readPrecision(parameters.get('precision') ?? '');
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

function readPrecision(word: string): Precision {
  const precision = precisionOfWord(word) ?? v3Precisions.get(word);
  if (precision === undefined) {
    throw new SinkError(
      'INVALID_DATA',
      `invalid precision ${JSON.stringify(word.slice(0, 20))}: use ${legalPrecisionWords}`,
    );
  }
  return precision;
}
