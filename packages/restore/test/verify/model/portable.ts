import type { RawValue } from '@ceres/influx-http/internal';
import {
  bytesSource,
  ColumnBuffer,
  type FieldType,
  joinKey,
  PortableWriter,
  type ShardFile,
  ShardWriter,
  type StorageMeta,
} from '@ceres/tsm';
import { type Cell, type Content, firstS, typeOf, weekS } from './content';

const secondNs = 1_000_000_000n;
const place = { database: 'db', retentionPolicy: 'autogen' };

/** Writes what a server with this content would answer to `influxd backup -portable`, in shards of a week. */
export async function writePortable(content: Content, folder: string): Promise<void> {
  const weeks = new Map<number, Cell[]>();
  for (const cell of content.values()) {
    const week = Math.floor((cell.time - firstS) / weekS);
    weeks.set(week, [...(weeks.get(week) ?? []), cell]);
  }
  const writer = new PortableWriter(folder, { stampMs: 0 });
  for (const [week, cells] of weeks) await writer.add({ ...place, id: week + 1 }, await shardOf(cells));
  await writer.finish(metaOf([...weeks.keys()]));
}

async function shardOf(cells: readonly Cell[]): Promise<ShardFile[]> {
  const columns = new Map<string, Cell[]>();
  for (const cell of cells) {
    const series = Buffer.from(`${cell.measurement}${cell.tags && `,${cell.tags}`}`);
    const key = Buffer.from(joinKey(series, Buffer.from(cell.field))).toString('latin1');
    columns.set(key, [...(columns.get(key) ?? []), cell]);
  }
  const files: ShardFile[] = [];
  const shard = new ShardWriter(async (name) => {
    const pieces: Buffer[] = [];
    return {
      write: async (bytes) => void pieces.push(Buffer.from(bytes)),
      end: async () => void files.push({ name, source: bytesSource(name, Buffer.concat(pieces)) }),
    };
  });
  for (const key of [...columns.keys()].sort()) {
    const own = (columns.get(key) ?? []).toSorted((a, b) => a.time - b.time);
    const column = new ColumnBuffer(typeOf(own[0]?.value ?? 0) as FieldType, own.length);
    for (const { time, value } of own) column.push(BigInt(time) * secondNs, bytesOf(value));
    await shard.write(Buffer.from(key, 'latin1'), column);
  }
  await shard.finish();
  return files;
}

function bytesOf(value: RawValue) {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
}

function metaOf(weeks: readonly number[]): StorageMeta {
  const start = (week: number) => BigInt(firstS + week * weekS) * secondNs;
  const shardGroups = weeks.map((week) => {
    return { id: week + 1, startNs: start(week), endNs: start(week + 1), shardIds: [week + 1] };
  });
  const policy = { name: 'autogen', durationNs: 0n, shardGroupDurationNs: BigInt(weekS) * secondNs, replication: 1 };
  const database = { name: 'db', defaultRetentionPolicy: 'autogen', continuousQueries: [] };
  const databases = [{ ...database, retentionPolicies: [{ ...policy, shardGroups }] }];
  const most = Math.max(0, ...weeks.map((week) => week + 1));
  return { databases, shardGroupIdMax: most, shardIdMax: most };
}
