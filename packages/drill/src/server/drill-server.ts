import type { InfluxServer } from '@ceres/influx-http';

/** A server that a drill restores into, and that nothing else uses. */
export interface DrillServer {
  readonly server: InfluxServer;
  /** Its snapshot service, if there is one to use. */
  readonly snapshot: string | undefined;
  readonly version: string;
  /** Aborts with a reason if the server ends by itself. */
  readonly lost: AbortSignal;
  /** Says which databases the drill is about to create: what is removed in the end, and nothing else. */
  claim(databases: readonly string[]): Promise<void>;
  /** Removes what the drill has made, and the server itself if the drill started it. May be called again. */
  remove(): Promise<void>;
}
