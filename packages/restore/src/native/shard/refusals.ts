import type { KnownType, ShardPlace } from '../../compile/compiled-shard';
import { RestoreError } from '../../errors';

/** Returns the error for a shard that the server was sent, and does not show. */
export function notLoaded({ database, retentionPolicy, startNs }: ShardPlace, what: string): RestoreError {
  const day = new Date(Number(startNs / 1_000_000n)).toISOString();
  const where = `The shard from ${day} on in '${retentionPolicy}' of '${database}' was sent to the server, but ${what}`;
  const todo = 'See the log of InfluxDB, and run the same command again; or restore without native (--native)';
  return new RestoreError('NOT_LOADED', `${where}. ${todo}.`);
}

/** Returns the error for a shard that is new and has other types. A new shard has no types but those that someone else has just written. */
export function written({ database, retentionPolicy }: ShardPlace, [first]: readonly KnownType[]): RestoreError {
  const field = first && `${Buffer.from(first.measurement)}.${Buffer.from(first.field)}`;
  const what = `While '${retentionPolicy}' of '${database}' was being loaded, someone else wrote ${field} with another type`;
  const todo = 'Stop the writers, or set native.fill (--fill), and start again with another journal (--journal-file)';
  return new RestoreError('NATIVE_REFUSED', `${what}. ${todo}.`);
}
