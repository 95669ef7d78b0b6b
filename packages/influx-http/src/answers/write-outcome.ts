/**
 * What became of one write: all that its sender has to react to.
 *
 * `ambiguous`: InfluxDB may still be applying this write, or the part of it that falls into other shards. What is sent
 * now for the same points may end up under it: wait for `InfluxWriter.settled` first.
 */
export type WriteOutcome =
  /** Every line is stored. */
  | { readonly kind: 'stored'; readonly ambiguous?: never }
  /** The good lines are stored, the others never will be. `dropped` is InfluxDB's count: 0 for lines it could not parse. */
  | {
      readonly kind: 'partly';
      readonly reason: PartlyReason;
      readonly dropped: number;
      readonly message: string;
      readonly ambiguous?: true;
    }
  /**
   * Nothing is stored, and the same write would be refused again. `TYPE_CONFLICT` is the exception: it holds for the
   * shard it was found in, and sent once more its good lines are stored.
   */
  | {
      readonly kind: 'refused';
      readonly code: RefusedCode;
      readonly message: string;
      readonly ambiguous?: true;
    }
  /** Try again, later. */
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
