import { gunzipSync } from 'node:zlib';
import { parseLines } from '@ceres/lineproto';
import { type ObjectReader, parseKey } from '@ceres/storage';
import type { ColumnValue, FieldType } from '@ceres/tsm';

/** What lines hold: by series key and field, the values by time, each with its type. Later lines win. */
export function contentOfLines(texts: readonly string[]): Map<string, Map<bigint, readonly [FieldType, ColumnValue]>> {
  const content = new Map<string, Map<bigint, readonly [FieldType, ColumnValue]>>();
  for (const text of texts) {
    for (const { measurement, tags, fields, timestamp } of parseLines(text, { precision: 'ns' })) {
      const escaped = (part: string) => part.replaceAll(/[,= ]/g, '\\$&');
      const pairs = Object.entries(tags).map(([key, value]) => `,${escaped(key)}=${escaped(value)}`);
      const series = measurement.replaceAll(/[, ]/g, '\\$&') + pairs.join('');
      for (const [field, value] of Object.entries(fields)) {
        const points = content.get(`${series} ${field}`) ?? new Map<bigint, readonly [FieldType, ColumnValue]>();
        points.set(timestamp ?? 0n, typed(value));
        content.set(`${series} ${field}`, points);
      }
    }
  }
  return content;
}

function typed(value: number | bigint | boolean | string): readonly [FieldType, ColumnValue] {
  if (typeof value === 'number') return ['float', value];
  if (typeof value === 'bigint') return ['integer', value];
  return typeof value === 'boolean' ? ['boolean', value] : ['string', Buffer.from(value)];
}

/** Returns what the files below a prefix hold, in the form of `contentOf`; sorted. */
export async function contentOfFiles(storage: ObjectReader, prefix: string): Promise<readonly string[]> {
  const texts = new Map<string, string[]>();
  for await (const { key } of storage.list(prefix)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of storage.get(key)) chunks.push(chunk);
    const policy = parseKey(key)?.retentionPolicy ?? '';
    texts.set(policy, [...(texts.get(policy) ?? []), gunzipSync(Buffer.concat(chunks)).toString()]);
  }
  const found = [...texts].flatMap(([policy, own]) =>
    [...contentOfLines(own)].flatMap(([name, points]) =>
      [...points].map(([time, [type, value]]) => `${policy} ${raw(name)} ${time} ${type} ${valueText(value)}`),
    ),
  );
  return found.sort();
}

function valueText(value: ColumnValue): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return Object.is(value, -0) ? '-0' : String(value);
}

function raw(text: string): string {
  return Buffer.from(text).toString('latin1');
}
