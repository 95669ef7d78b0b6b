// @ceres/influx-http
import type { Precision } from '@ceres/lineproto';

export interface InfluxServer {
  readonly url: string | URL;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly timeoutMs?: number;
  readonly gzip?: boolean;
}
export type WriteOutcome =
  | { readonly kind: 'stored' }
  | {
      readonly kind: 'partly';
      readonly reason: 'expired' | 'unparseable' | 'type-conflict' | 'limit';
      readonly dropped: number;
      readonly message: string;
    }
  | {
      readonly kind: 'refused';
      readonly code: 'NO_DATABASE' | 'NO_POLICY' | 'UNAUTHORIZED' | 'TOO_LARGE' | 'INVALID' | 'TYPE_CONFLICT';
      readonly message: string;
    }
  /** `ambiguous`: the server may still be applying this write. */
  | {
      readonly kind: 'retry';
      readonly code: 'UNREACHABLE' | 'OVERLOADED' | 'TIMEOUT' | 'SERVER_FAULT';
      readonly ambiguous: boolean;
      readonly message: string;
    };
export interface WriteTo {
  readonly database: string;
  readonly retentionPolicy?: string;
  readonly precision: Precision;
  readonly signal?: AbortSignal;
}
export declare class InfluxWriter {
  constructor(server: InfluxServer);
  write(lines: Uint8Array, to: WriteTo): Promise<WriteOutcome>;
  /** Resolves when the server applies no write any more. */
  settled(options?: { readonly signal?: AbortSignal }): Promise<void>;
  close(): Promise<void>;
}
/** Rows as the server's own text, so that int64 stays exact; streamed. */
export declare function queryRows(
  server: InfluxServer,
  database: string,
  query: string,
  options?: { readonly signal?: AbortSignal },
): AsyncIterable<readonly string[]>;
export declare function ping(server: InfluxServer): Promise<{ readonly version: string }>;
export declare class InfluxHttpError extends Error {
  readonly code: string;
  readonly retryable: boolean;
}
