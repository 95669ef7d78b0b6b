import type { PolicySchema } from '@ceres/lineproto';

/** What a server keeps beside points, as far as a human could have typed it. The database `_internal` is no part of it. */
export interface InfluxSchema {
  readonly databases: readonly DatabaseSchema[];
  /** Absent if nothing says them: not all metadata has them. */
  readonly users?: readonly UserSchema[];
}

export interface DatabaseSchema {
  readonly name: string;
  /** One of them has `isDefault`, or none. */
  readonly policies: readonly NamedPolicy[];
  readonly continuousQueries: readonly ContinuousQuery[];
  readonly subscriptions: readonly Subscription[];
}

/** A policy with its name, and all of what it takes to create it. */
export type NamedPolicy = PolicySchema & { readonly name: string };

export interface ContinuousQuery {
  readonly name: string;
  /** What follows `CREATE CONTINUOUS QUERY … ON …`: an optional `RESAMPLE …`, then `BEGIN SELECT … END`. */
  readonly definition: string;
}

export interface Subscription {
  readonly name: string;
  readonly retentionPolicy: string;
  readonly mode: 'ALL' | 'ANY';
  readonly destinations: readonly string[];
}

/** A user, whose password no server tells. */
export interface UserSchema {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly grants: readonly Grant[];
}

export interface Grant {
  readonly database: string;
  readonly privilege: 'READ' | 'WRITE' | 'ALL';
}

/** The database that a server keeps for its own figures. */
export const internalDatabase = '_internal';

/**
 * Says whether a definition can be run without a human: it is one statement for certain. A semicolon may stand in a string or a regular
 * expression, and may also begin another statement: that takes InfluxDB's own parser to tell.
 */
export function isRunnable({ definition }: ContinuousQuery): boolean {
  return definitionPattern.test(definition) && !definition.includes(';');
}

const definitionPattern = /^(?:RESAMPLE [^\n]{1,200} )?BEGIN SELECT [^\n]{1,65536} END$/;
