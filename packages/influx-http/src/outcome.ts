/** What became of one write: all that its sender has to react to. */
export type WriteOutcome =
  /** Every line is stored. */
  | { readonly kind: 'stored' }
  /** The good lines are stored, the others never will be. `dropped` is InfluxDB's count: 0 for lines it could not parse. */
  | {
      readonly kind: 'partly';
      readonly reason: PartlyReason;
      readonly dropped: number;
      readonly message: string;
    }
  /** Nothing is stored, and the same write would be refused again (a `TYPE_CONFLICT` once more at most). */
  | {
      readonly kind: 'refused';
      readonly code: RefusedCode;
      readonly message: string;
    }
  /** Try again, later. `ambiguous`: the server may still be applying this write. */
  | {
      readonly kind: 'retry';
      readonly code: RetryCode;
      readonly ambiguous: boolean;
      readonly message: string;
    };

export type PartlyReason =
  | 'expired' // older than the retention policy keeps
  | 'unparseable' // not line protocol, or a name InfluxDB reserves
  | 'type-conflict' // a field that has another type in this shard
  | 'limit'; // max-series-per-database or max-values-per-tag

export type RefusedCode =
  | 'NO_DATABASE'
  | 'NO_POLICY'
  | 'UNAUTHORIZED'
  | 'TOO_LARGE' // over the server's max-body-size, 25,000,000 bytes on the wire by default
  | 'INVALID' // no line of it parses
  | 'TYPE_CONFLICT'; // the batch itself gives a new field two types; sent again, its good lines are stored

export type RetryCode =
  | 'UNREACHABLE' // no connection, or it was lost
  | 'OVERLOADED' // slow down: throttled, or the cache is full
  | 'TIMEOUT' // the server's, or one of ours
  | 'SERVER_FAULT'; // anything else, a full disk included
