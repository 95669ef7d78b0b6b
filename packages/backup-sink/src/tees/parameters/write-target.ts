import type { Precision } from '@ceres/lineproto';
import { SinkError } from '../../errors';
import { legalPrecisionWords, precisionOfWord } from './precision';

/** Where a write goes, and what its timestamps are in. `retentionPolicy` `''` is the default policy. */
export interface WriteTarget {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly precision: Precision;
}

/** The three ways to say it: `/write?db=&rp=`, `/api/v2/write?bucket=db/rp`, `/api/v3/write_lp?db=`. */
export type WriteApi = 'v1' | 'v2' | 'v3';

const apis: ReadonlyMap<string, WriteApi> = new Map([
  ['/write', 'v1'],
  ['/api/v2/write', 'v2'],
  ['/api/v3/write_lp', 'v3'],
]);

/** Version 3 spells its units out. */
const v3Precisions: ReadonlyMap<string, Precision> = new Map([
  ['nanosecond', 'ns'],
  ['microsecond', 'us'],
  ['millisecond', 'ms'],
  ['second', 's'],
]);

/** Which API a path writes with; undefined if it is no write. */
export function writeApiOf(pathname: string): WriteApi | undefined {
  return apis.get(pathname);
}

/** @throws SinkError `INVALID_DATA`, in InfluxDB's words where it has its own */
export function readTarget(api: WriteApi, parameters: URLSearchParams): WriteTarget {
  const precision = readPrecision(parameters.get('precision') ?? '');
  if (api === 'v2') return { ...readBucket(parameters.get('bucket') ?? ''), precision };
  const database = parameters.get('db') ?? '';
  if (database === '') throw new SinkError('INVALID_DATA', 'database is required');
  return { database, retentionPolicy: parameters.get('rp') ?? '', precision };
}

/** `db/rp`, or `db` for its default policy, as InfluxDB 1.8 reads it. */
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
