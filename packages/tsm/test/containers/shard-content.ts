import { expect } from 'vitest';
import { type ColumnValue, type FieldType, valueAt } from '../../src/column';
import type { ShardContainer } from '../../src/containers/contract';
import type { Shard } from '../../src/shards/contract';
import type { Answer, Answers } from '../fixtures/answers';

/** What a container holds of one policy: by series key and field, the values by time, each with its type. */
export type Content = ReadonlyMap<string, ReadonlyMap<bigint, readonly [FieldType, ColumnValue]>>;

export async function contentOf(container: ShardContainer, policy: string): Promise<Content> {
  const content = new Map<string, Map<bigint, readonly [FieldType, ColumnValue]>>();
  for (const stored of container.shards) {
    if (stored.retentionPolicy !== policy) continue;
    await addShard(content, await stored.open());
  }
  return content;
}

/** Adds what a shard holds, and closes it. */
export async function addShard(
  content: Map<string, Map<bigint, readonly [FieldType, ColumnValue]>>,
  shard: Shard,
): Promise<void> {
  try {
    for await (const { seriesKey, field, column } of shard.columns()) {
      const key = `${Buffer.from(seriesKey)} ${Buffer.from(field)}`;
      const points = content.get(key) ?? new Map<bigint, readonly [FieldType, ColumnValue]>();
      for (let i = 0; i < column.length; i += 1) {
        const value = valueAt(column, i);
        points.set(column.times[i] as bigint, [column.type, value instanceof Uint8Array ? value.slice() : value]);
      }
      content.set(key, points);
    }
  } finally {
    await shard.close();
  }
}

/** Expects the content of one measurement to be what the server answered, value by value and by type. */
export function expectAnswers(content: Content, measurement: string, answers: Answers): void {
  const ours = new Map([...content].filter(([key]) => /^(?:[^, \\]|\\.)+/.exec(key)?.[0] === measurement));
  expect([...ours.keys()].sort()).toEqual([...answers.keys()].sort());
  for (const [key, points] of answers) {
    const read = ours.get(key) ?? new Map<bigint, readonly [FieldType, ColumnValue]>();
    expect(read.size, key).toBe(points.size);
    for (const [time, answer] of points) {
      const value = read.get(time);
      if (value === undefined || !isSame(value, answer))
        expect.fail(`${key} ${time}: ${String(value)} for ${JSON.stringify(answer)}`);
    }
  }
}

function isSame([type, value]: readonly [FieldType, ColumnValue], answer: Answer): boolean {
  if (typeof answer === 'boolean') return type === 'boolean' && value === answer;
  if (typeof answer === 'string')
    return type === 'string' && Buffer.from(value as Uint8Array).toString('utf8') === answer;
  if (type === 'float') return Object.is(value, Number(answer.number));
  return (type === 'integer' || type === 'unsigned') && value === BigInt(answer.number);
}
