import type { PolicySchema } from '@ceres/lineproto';
import type { InfluxServer } from '../options';
import { querySeries } from '../query/query-series';
import { quotedName } from './quote';

/** A row of `SHOW RETENTION POLICIES`; node-influx' types lack the shard group's duration. */
export interface PolicyRow {
  readonly name: string;
  readonly duration: string;
  readonly replicaN: number;
  readonly default: boolean;
  readonly shardGroupDuration?: string;
}

/** Asks for the policies of a database, and reads the columns by their names: their number and order differ by version. */
export async function readPolicyRows(
  server: InfluxServer,
  database: string,
  signal?: AbortSignal,
): Promise<PolicyRow[]> {
  const rows: PolicyRow[] = [];
  const query = `SHOW RETENTION POLICIES ON ${quotedName(database)}`;
  for await (const { columns, values } of querySeries(server, '', query, signal ? { signal } : {})) {
    const cell = (column: string) => values[columns.indexOf(column)] ?? undefined;
    const shardGroupDuration = cell('shardGroupDuration');
    rows.push({
      name: cell('name') ?? '',
      duration: cell('duration') ?? '',
      replicaN: Number(cell('replicaN')),
      default: cell('default') === 'true',
      ...(shardGroupDuration !== undefined && { shardGroupDuration }),
    });
  }
  return rows;
}

/** Returns what it takes to create a policy again. */
export function toPolicySchema({
  duration,
  replicaN,
  default: isDefault,
  shardGroupDuration,
}: PolicyRow): PolicySchema {
  return {
    // The server prints 0s for a policy that keeps points forever, but accepts only INF where one is created.
    duration: /^0+s?$/.test(duration) ? 'INF' : duration,
    replication: replicaN,
    isDefault,
    ...(shardGroupDuration !== undefined && { shardDuration: shardGroupDuration }),
  };
}
