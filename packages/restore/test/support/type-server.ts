import type { Decision } from '../../src/replay/deliver/poster';

/** Returns which shard a time falls into. */
export type ShardOf = (time: number) => number;

/**
 * Takes lines such as `m,t=a f=1,g=2i 17` as InfluxDB 1.6 to 1.11: by shard, and of new fields with two types in one batch it takes one, and
 * stores nothing. It answers for the first shard that fails, while the others take their part.
 */
export class TypeServer {
  /** The type of each field, by shard, measurement and name. */
  readonly types = new Map<string, string>();
  /** The last line for each series and time. */
  readonly stored = new Map<string, string>();
  requests = 0;
  readonly #shardOf: ShardOf;

  constructor(shardOf: ShardOf = () => 0) {
    this.#shardOf = shardOf;
  }

  write(lines: readonly string[]): Decision {
    this.requests += 1;
    const shards = new Map<number, string[]>();
    for (const line of lines) {
      const shard = this.#shardOf(Number(line.split(' ')[2]));
      shards.set(shard, [...(shards.get(shard) ?? []), line]);
    }
    const answers = [...shards].map(([shard, some]) => this.#writeShard(shard, some));
    return answers.find(({ kind }) => kind !== 'stored') ?? { kind: 'stored' };
  }

  #writeShard(shard: number, lines: readonly string[]): Decision {
    const fieldsIn = (line: string) => fieldsOf(line).map((field) => ({ ...field, key: `${shard} ${field.key}` }));
    const isOdd = ({ key, type }: { key: string; type: string }) => (this.types.get(key) ?? type) !== type;
    const bad = new Set(lines.filter((line) => fieldsIn(line).some(isOdd)));
    const good = lines.filter((line) => !bad.has(line));
    for (const field of good.flatMap(fieldsIn)) {
      if (isOdd(field))
        return { kind: 'refused', code: 'MIXED_TYPES', message: 'field type conflict', ambiguous: true };
      this.types.set(field.key, field.type);
    }
    for (const line of good) this.stored.set(line.replace(/ \S+ /, ' '), line);
    const odd = [...bad].flatMap(fieldsIn).find(isOdd);
    if (odd === undefined) return { kind: 'stored' };
    const where = `input field "${odd.name}" on measurement "${odd.measurement}"`;
    const message = `partial write: field type conflict: ${where} is type ${odd.type}, already exists as type ${this.types.get(odd.key)}`;
    const dropped = lines.length - good.length;
    return {
      kind: 'partly',
      code: 'TYPE_CONFLICT',
      dropped,
      message: `${message} dropped=${dropped}`,
      ambiguous: true,
    };
  }
}

function fieldsOf(line: string) {
  const [series = '', fields = ''] = line.split(' ');
  const [measurement = ''] = series.split(',');
  return fields.split(',').map((field) => {
    const [name = '', value = ''] = field.split('=');
    return { measurement, name, key: `${measurement} ${name}`, type: typeOf(value) };
  });
}

function typeOf(value: string): string {
  if (value.startsWith('"')) return 'string';
  return value.endsWith('i') ? 'integer' : 'float';
}
