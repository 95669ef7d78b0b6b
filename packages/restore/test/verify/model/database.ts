import { type RawValue, type RowVisitor, TypedRow } from '@ceres/influx-http/internal';
import type { ByteRow, ServerConnection, ServerPolicy, ServerShard } from '../../../src/server/connection';
import { type Cell, type Content, firstS, typeOf, weekS } from './content';

const secondNs = 1_000_000_000n;

/** Answers a comparison as InfluxDB does that holds this content in one database, in shards of a week. */
export class ModelDatabase
  implements Pick<ServerConnection, 'url' | 'databases' | 'policies' | 'shards' | 'askBytes' | 'visit'>
{
  readonly url = 'http://model';
  readonly #cells: readonly Cell[];

  constructor(content: Content) {
    this.#cells = [...content.values()];
  }

  async databases(): Promise<string[]> {
    return ['db'];
  }

  async policies(): Promise<ServerPolicy[]> {
    const shardDurationMs = weekS * 1_000;
    return [{ database: 'db', name: 'autogen', durationMs: Infinity, shardDurationMs, isDefault: true }];
  }

  async shards(): Promise<ServerShard[]> {
    const weeks = new Set(this.#cells.map(({ time }) => Math.floor((time - firstS) / weekS)));
    const moment = (week: number) => new Date((firstS + week * weekS) * 1_000).toISOString().replace('.000', '');
    return [...weeks].map((week) => {
      return { id: week, database: 'db', retentionPolicy: 'autogen', start: moment(week), end: moment(week + 1) };
    });
  }

  async askBytes(_database: string, query: string): Promise<ByteRow[]> {
    if (query === 'SHOW MEASUREMENTS') {
      return this.#distinct(({ measurement }) => [measurement]).map((values) => ({ name: 'measurements', values }));
    }
    if (!query.startsWith('SHOW FIELD KEYS')) throw new Error(`The model does not know ${query}`);
    const keys = this.#distinct(({ measurement, field, value }) => [measurement, field, typeOf(value)]);
    return keys.map(([name = '', ...values]) => ({ name, values }));
  }

  async visit(_database: string, query: string, visitor: RowVisitor): Promise<void> {
    const asked =
      /^SELECT (COUNT\(\*::field\)|\*::field) FROM "autogen"\."(\w+)" WHERE time >= (-?\d+) AND time <= (-?\d+)( GROUP BY \*)?$/;
    const [, what, name, from = '', until = ''] = asked.exec(query) ?? [];
    if (name === undefined) throw new Error(`The model does not know ${query}`);
    const isAsked = ({ measurement, time }: Cell) =>
      measurement === name && BigInt(time) * secondNs >= BigInt(from) && BigInt(time) * secondNs <= BigInt(until);
    const cells = asOneType(this.#cells.filter(isAsked));
    if (cells.length === 0) return;
    if (what === '*::field') passPoints(name, cells, visitor);
    else passCounts(name, cells, visitor);
  }

  #distinct(of: (cell: Cell) => readonly string[]): string[][] {
    return [...new Set(this.#cells.map((cell) => JSON.stringify(of(cell))))].sort().map((text) => JSON.parse(text));
  }
}

/** Reads several types of one field as InfluxDB does: it converts integers to floats, and leaves out what it cannot convert. */
function asOneType(cells: readonly Cell[]): Cell[] {
  const typesOf = (field: string) =>
    new Set(cells.filter((cell) => cell.field === field).map((cell) => typeOf(cell.value)));
  return cells.flatMap((cell) => {
    const types = typesOf(cell.field);
    const kept = ['float', 'integer', 'string', 'boolean'].find((type) => types.has(type));
    if (typeOf(cell.value) === kept) return [cell];
    return kept === 'float' && typeof cell.value === 'bigint' ? [{ ...cell, value: Number(cell.value) }] : [];
  });
}

function passCounts(name: string, cells: readonly Cell[], visitor: RowVisitor): void {
  const fields = [...new Set(cells.map(({ field }) => field))].sort();
  visitor.series({ name, tags: [], columns: ['time', ...fields.map((field) => `count_${field}`)] });
  visitor.row(rowOf([0n, ...fields.map((field) => BigInt(cells.filter((cell) => cell.field === field).length))]));
}

function passPoints(name: string, cells: readonly Cell[], visitor: RowVisitor): void {
  const columns = ['time', ...[...new Set(cells.map(({ field }) => field))].sort()];
  const keys = [...new Set(cells.flatMap(({ tags }) => Object.keys(parsedTags(tags))))].sort();
  for (const tags of new Set(cells.map((cell) => cell.tags))) {
    const own = cells.filter((cell) => cell.tags === tags);
    visitor.series({ name, tags: keys.map((key) => [key, parsedTags(tags)[key] ?? ''] as const), columns });
    for (const time of [...new Set(own.map((cell) => cell.time))].sort((a, b) => a - b)) {
      const valueOfField = (field: string) => own.find((cell) => cell.time === time && cell.field === field)?.value;
      visitor.row(rowOf([BigInt(time) * secondNs, ...columns.slice(1).map(valueOfField)]));
    }
  }
}

function parsedTags(tags: string): Record<string, string> {
  return Object.fromEntries(tags === '' ? [] : tags.split(',').map((tag) => tag.split('=')));
}

function rowOf(values: readonly (RawValue | undefined)[]): TypedRow {
  const row = new TypedRow(values.length);
  for (const [i, value] of values.entries()) {
    if (typeof value === 'bigint') row.setInteger(i, Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn));
    else if (typeof value === 'number') row.setNumber(i, value);
    else if (typeof value === 'boolean') row.setBoolean(i, value);
    else if (typeof value === 'string') {
      const start = row.bytes.length;
      row.bytes = Buffer.concat([row.bytes, Buffer.from(value, 'latin1')]);
      row.setString(i, start, row.bytes.length);
    } else row.setNone(i);
  }
  return row;
}
