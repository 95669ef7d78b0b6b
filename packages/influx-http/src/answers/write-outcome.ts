/**
 * What became of one write: everything that its sender has to react to.
 *
 * `ambiguous`: InfluxDB may still be applying this write, or the part of it that belongs to other shards. A newer value
 * sent now for the same points may be overwritten by it: wait for `InfluxWriter.settled()` first.
 */
export type WriteOutcome =
  /** Every line is stored. */
  | { readonly kind: 'stored'; readonly ambiguous?: never }
  /**
   * The good lines are stored, the others never will be. `dropped` is InfluxDB's count: 0 for lines it could not parse.
   * `LIMIT` is the exception: InfluxDB may lose good lines too, beyond `dropped`, and stores them when they are sent again.
   */
  | {
      readonly kind: 'partly';
      readonly code: PartlyCode;
      readonly dropped: number;
      readonly message: string;
      readonly ambiguous?: true;
    }
  /**
   * Nothing is stored, and the same write would be refused again. `MIXED_TYPES` is the exception: sent once more, its
   * good lines are stored.
   */
  | {
      readonly kind: 'refused';
      readonly code: RefusedCode;
      readonly message: string;
      readonly ambiguous?: true;
    }
  /** Retry later. */
  | {
      readonly kind: 'retry';
      readonly code: RetryCode;
      readonly message: string;
      readonly ambiguous: boolean;
    };

/** Why InfluxDB stored only a part of a write. */
export type PartlyCode =
  | 'EXPIRED' // points older than the retention policy keeps
  | 'WRITE_WINDOW' // points outside the policy's past or future write limit, which 1.12 has; some may be expired
  | 'UNPARSEABLE' // not line protocol, or a name that InfluxDB reserves
  | 'TYPE_CONFLICT' // a field that has another type in this shard
  | 'TOO_LONG' // a string over 1,048,576 bytes, from 1.9 on; older servers store it
  | 'TIME_STRIPPED' // 1.12: a field named `time` was left out, the rest of its point is stored; hides lines that do not parse
  | 'LIMIT'; // max-series-per-database or max-values-per-tag

/** Why InfluxDB stored nothing of a write, and would not if it were sent again. */
export type RefusedCode =
  | 'NO_DATABASE' // the database does not exist, or was not named
  | 'NO_POLICY' // the retention policy does not exist
  | 'UNAUTHORIZED' // 401 or 403
  | 'TOO_LARGE' // over the server's max-body-size, 25,000,000 bytes on the wire by default
  | 'INVALID' // no line of it parses
  | 'MIXED_TYPES'; // the lines give a field that is new to the shard two types; sent again, the good ones are stored

/** Why a write has to be sent again. */
export type RetryCode =
  | 'UNREACHABLE' // no connection, or it was lost
  | 'OVERLOADED' // send more slowly: requests are throttled, or the cache is full
  | 'TIMEOUT' // the server's own, or one of ours
  | 'SERVER_FAULT'; // anything else, a full disk included
