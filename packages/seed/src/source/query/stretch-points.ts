import type { InfluxServer } from '@ceres/influx-http';
import {
  type RawValue,
  type RowVisitor,
  refuseJoinedTags,
  StoredPoints,
  type Stretch,
  selectFields,
  type TypedSeries,
  timeOf,
  visitRows,
} from '@ceres/influx-http/internal';
import type { ColumnValue, FieldType, PointBatch } from '@ceres/tsm';
import { BatchBuilder } from './batch-builder';
import { BatchQueue } from './batch-queue';
import { seriesKeyOf } from './series-key';

/** A measurement of a policy, by its raw name. */
export interface QueriedMeasurement {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly measurement: string;
}

/**
 * Yields the points of a measurement in a stretch of time, series by series. The answer comes in chunks, and only as fast as its points are taken.
 *
 * @throws NotExact if no query reads them exactly; InfluxHttpError; the signal's reason
 */
export async function* stretchPoints(
  server: InfluxServer,
  { database, retentionPolicy, measurement }: QueriedMeasurement,
  stretch: Stretch,
  signal?: AbortSignal,
): AsyncGenerator<PointBatch> {
  const queue = new BatchQueue();
  const builder = new BatchBuilder((batch) => queue.add(batch));
  const points = stretch.shards > 1 ? joinedPoints(builder, measurement) : plainPoints(builder);
  let isOwn = true;
  const visitor: RowVisitor = {
    series: (series) => {
      isOwn = series.name === measurement;
      if (!isOwn) return;
      refuseJoinedTags(series);
      points.series(series);
    },
    row: (row) => (isOwn ? points.row(row) : true),
    pause: () => queue.whenEmpty(),
  };
  const query = selectFields(retentionPolicy, measurement, stretch);
  yield* queue.drain(async (limited) => {
    await visitRows(server, database, query, visitor, { signal: limited });
    points.end();
    builder.end();
  }, signal);
}

/** Makes points of rows as they come. */
function plainPoints(builder: BatchBuilder): RowVisitor & { end(): void } {
  let columns: readonly string[] = [];
  return {
    series: (series) => {
      builder.series(seriesKeyOf(series));
      columns = series.columns;
    },
    row: (row) => {
      builder.point(timeOf(row));
      for (let i = 1; i < columns.length; i += 1) add(builder, columns[i] as string, row.value(i));
      return true;
    },
    end: () => undefined,
  };
}

/** Joins rows of one time: where shards overlap, each may hold a part of a point. */
function joinedPoints(builder: BatchBuilder, measurement: string): StoredPoints {
  let last: TypedSeries['tags'] | undefined;
  return new StoredPoints(({ tags, time, fields }) => {
    if (tags !== last) builder.series(seriesKeyOf({ name: measurement, tags }));
    last = tags;
    builder.point(time);
    for (const [field, value] of fields) add(builder, field, value);
    return true;
  });
}

function add(builder: BatchBuilder, field: string, value: RawValue | undefined): void {
  if (value !== undefined) builder.value(field, typeOf(value), columnValue(value));
}

function typeOf(value: RawValue): FieldType {
  switch (typeof value) {
    case 'number':
      return 'float';
    case 'bigint':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
  }
}

function columnValue(value: RawValue): ColumnValue {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
}
