import { type ShardContainer, valueAt } from '@ceres/tsm';

/** Values by database, policy, series, field with its type, and time. A value is a text that differs if any bit does. */
export type ExportContent = Map<string, string>;

type ValueOf = readonly [type: string, text: string];

/**
 * Reads what `influx_inspect export` wrote: comments, statements, and one line for each value of each field.
 * A string may hold line feeds, so the text is taken by its grammar, not line by line.
 */
export function readExport(text: string): ExportContent {
  const content: ExportContent = new Map();
  let [database, policy] = ['', ''];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  while (at < text.length) {
    const other = take(/(?:#.*|CREATE .*|)\n/y);
    if (other !== undefined) {
      database = /^# CONTEXT-DATABASE: *(.*)\n/.exec(other)?.[1] ?? database;
      policy = /^# CONTEXT-RETENTION-POLICY: *(.*)\n/.exec(other)?.[1] ?? policy;
      continue;
    }
    const start = at;
    const series = take(/(?:\\.|[^ \\\n])+/y);
    const field = take(/ (?:\\.|[^=\\\n])+=/y);
    const value = take(/"(?:\\["\\]|[^"])*"|[^ "\n]+/y);
    const time = take(/ -?\d+\n/y);
    if (series === undefined || field === undefined || value === undefined || time === undefined)
      throw new Error(`Expected a line with one field, got ${JSON.stringify(text.slice(start, start + 120))}.`);
    add(content, [database, policy, series, field.slice(1, -1).replaceAll(/\\([,= "])/g, '$1')], typed(value), time);
  }
  return content;
}

/** Reads the same from a container. */
export async function readContainer(container: ShardContainer, isWanted: (database: string) => boolean) {
  const content: ExportContent = new Map();
  for (const stored of container.shards) {
    if (!isWanted(stored.database)) continue;
    const shard = await stored.open();
    for await (const { seriesKey, field, column } of shard.columns()) {
      const [series, name] = [Buffer.from(seriesKey).toString(), Buffer.from(field).toString()];
      for (let i = 0; i < column.length; i += 1) {
        const value = valueAt(column, i);
        const shown = value instanceof Uint8Array ? Buffer.from(value).toString() : numberText(value);
        add(
          content,
          [stored.database, stored.retentionPolicy, series, name],
          [column.type, shown],
          `${column.times[i]}`,
        );
      }
    }
    await shard.close();
  }
  return content;
}

function add(content: ExportContent, names: readonly string[], [type, text]: ValueOf, time: string): void {
  const key = JSON.stringify([...names, type, time.trim()]);
  if (content.has(key)) throw new Error(`Expected each value once, got ${key} twice.`);
  content.set(key, text);
}

function typed(value: string): ValueOf {
  if (value.startsWith('"')) return ['string', value.slice(1, -1).replaceAll(/\\(["\\])/g, '$1')];
  if (value === 'true' || value === 'false') return ['boolean', value];
  if (/^-?\d+i$/.test(value)) return ['integer', value.slice(0, -1)];
  if (/^\d+u$/.test(value)) return ['unsigned', value.slice(0, -1)];
  const number = Number(value.replace('Inf', 'Infinity'));
  if (Number.isNaN(number)) throw new Error(`Expected a value, got ${JSON.stringify(value)}.`);
  return ['float', numberText(number)];
}

function numberText(value: number | bigint | boolean): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
