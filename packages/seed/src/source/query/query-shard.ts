import type { InfluxServer } from '@ceres/influx-http';
import {
  NotExact,
  type RowVisitor,
  refuseTypesInOverlap,
  showFieldKeys,
  shown,
  type TypedSeries,
  typesOfFields,
  unreadable,
  visitRows,
} from '@ceres/influx-http/internal';
import type { Rate } from '@ceres/internal';
import type { PointBatch, ReadRange } from '@ceres/tsm';
import type { OpenShard } from '../contract';
import { escapedMeasurement } from './series-key';
import type { ShardGroup, ShardPolicy } from './server-shards';
import { stretchPoints } from './stretch-points';

/** Reads shards of a server by queries. */
export interface QueryReading {
  readonly server: InfluxServer;
  /** Limits how many points are read. */
  readonly rate: Rate;
  readonly signal: AbortSignal | undefined;
}

/** Opens a shard, whose measurements are asked for one after the other. A measurement that no query reads exactly is a loss. */
export function openQueryShard(policy: ShardPolicy, group: ShardGroup, reading: QueryReading): OpenShard {
  const losses: string[] = [];
  return {
    points: (range) => pointsOf(policy, group, range, { ...reading, losses }),
    losses,
    close: () => Promise.resolve(),
  };
}

async function* pointsOf(
  policy: ShardPolicy,
  group: ShardGroup,
  range: ReadRange,
  { server, rate, signal, losses }: QueryReading & { readonly losses: string[] },
): AsyncGenerator<PointBatch> {
  const { database, retentionPolicy } = policy;
  const rows = await fieldRows(server, policy, signal);
  const severalTypes = typesOfFields(rows);
  const unsigned = new Set(rows.filter(({ values }) => values[1] === 'unsigned').map(({ name }) => name));
  const reasons = unreadable(new Set(severalTypes.keys()));
  const overlap = group.stretches.reduce((most, { shards }) => Math.max(most, shards), 0);
  for (const measurement of [...severalTypes.keys()].sort(byKey)) {
    const hasSeveralTypes = severalTypes.get(measurement) === true;
    try {
      const reason = reasons.get(measurement);
      if (reason !== undefined) throw new NotExact(reason);
      if (unsigned.has(measurement)) throw new NotExact('it has unsigned integers, which InfluxDB 1.x does not store');
      refuseTypesInOverlap(hasSeveralTypes, overlap);
      if (hasSeveralTypes && !group.isListed) losses.push(lossOf(measurement, unlisted));
      for (const stretch of group.stretches) {
        const within = cut(stretch, range);
        if (within.first > within.last) continue;
        for await (const batch of stretchPoints(server, { database, retentionPolicy, measurement }, within, signal)) {
          await rate.take(batch.length, signal);
          yield batch;
        }
      }
    } catch (error) {
      if (!(error instanceof NotExact)) throw error;
      losses.push(lossOf(measurement, error.message));
    }
  }
}

const unlisted =
  'a field has several types, and the server does not list its shards, so that values of the others may be missing';

function lossOf(measurement: string, reason: string): string {
  return `not all of measurement ${JSON.stringify(shown(measurement))}: ${reason}`;
}

function cut<T extends { readonly first: bigint; readonly last: bigint }>(stretch: T, { from, to }: ReadRange): T {
  const first = from !== undefined && from > stretch.first ? from : stretch.first;
  const last = to !== undefined && to < stretch.last ? to : stretch.last;
  return { ...stretch, first, last };
}

/** Orders measurements as their series keys are. */
function byKey(a: string, b: string): number {
  const [first, second] = [escapedMeasurement(a), escapedMeasurement(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** Asks for the fields of all measurements of a policy, with their types. */
async function fieldRows(
  server: InfluxServer,
  { database, retentionPolicy }: ShardPolicy,
  signal: AbortSignal | undefined,
): Promise<{ readonly name: string; readonly values: readonly string[] }[]> {
  const rows: { readonly name: string; readonly values: readonly string[] }[] = [];
  let series: TypedSeries | undefined;
  const visitor: RowVisitor = {
    series: (next) => {
      series = next;
    },
    row: (row) => {
      const values = (series?.columns ?? []).map((_, i) => String(row.value(i) ?? ''));
      rows.push({ name: series?.name ?? '', values });
      return true;
    },
  };
  await visitRows(server, database, showFieldKeys(retentionPolicy), visitor, signal ? { signal } : {});
  return rows;
}
