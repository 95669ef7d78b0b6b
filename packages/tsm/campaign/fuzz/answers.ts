import { type Influxd, query } from '@ceres/testkit';
import type { FieldType } from '@ceres/tsm';
import { answerText, type Content, contentKey, seriesKeyOf } from './content';

/** Asks for one measurement after another: in one answer, a column would have one type for all of them. */
export async function answers(
  server: Influxd,
  database: string,
  types: ReadonlyMap<string, FieldType>,
): Promise<Content> {
  const content: Content = new Map();
  const measurements = (await query(server.url, database, 'SHOW MEASUREMENTS')).flatMap(({ values }) =>
    values.map(([name]) => String(name)),
  );
  for (const name of measurements) {
    if (name !== 'seed')
      await addAnswer(content, server, database, `SELECT * FROM autogen."${name}" GROUP BY *`, types);
  }
  return content;
}

/** Takes the answer apart as text: JSON's own numbers would lose digits. */
async function addAnswer(
  content: Content,
  server: Influxd,
  database: string,
  q: string,
  types: ReadonlyMap<string, FieldType>,
): Promise<void> {
  const url = `${server.url}/query?${new URLSearchParams({ db: database, epoch: 'ns', q, chunked: 'true' })}`;
  for (const line of (await (await fetch(url)).text()).split('\n')) {
    if (line === '') continue;
    const quoted = line.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
      token.startsWith('"') ? token : `["${token}"]`,
    );
    const { results } = JSON.parse(quoted) as {
      results: readonly { error?: string; series?: readonly AnswerSeries[] }[];
    };
    for (const { error, series = [] } of results) {
      if (error !== undefined) throw new Error(error);
      for (const one of series) addSeries(content, one, types);
    }
  }
}

interface AnswerSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** A number is an array with its text. */
  readonly values: readonly (readonly (readonly [string] | string | boolean | null)[])[];
}

function addSeries(
  content: Content,
  { name, tags = {}, columns, values }: AnswerSeries,
  types: ReadonlyMap<string, FieldType>,
): void {
  const series = seriesKeyOf({ measurement: name, tags });
  for (const [i, field] of columns.entries()) {
    if (i === 0) continue;
    const key = contentKey(series, field);
    const points = content.get(key) ?? new Map<bigint, string>();
    for (const row of values) {
      const [time, value] = [row[0] as readonly [string], row[i]];
      if (value === null || value === undefined) continue;
      const token = Array.isArray(value) ? (value[0] as string) : JSON.stringify(value);
      points.set(BigInt(time[0]), answerText(token, types.get(key) ?? 'float'));
    }
    if (points.size > 0) content.set(key, points);
  }
}
