import { isCount, isNs, isSha256, isUuid, type Json, parseFile, parseTime } from '../heartbeat/parse-lines';
import { type SeedFile, type SeedManifest, type SeedPartition, type SeedShard, seedSources } from './manifest';

/** What the first line of a manifest says. */
export type SeedStatement = Pick<SeedManifest, 'id' | 'instance' | 'source' | 'server' | 'takenMs' | 'again'> & {
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
};

/** A line between the statement and the files. */
export type SeedLine =
  | { readonly selects: 'databases' | 'policies' | 'measurements'; readonly name: string }
  | { readonly partition: SeedPartition }
  | { readonly shard: SeedShard }
  | { readonly loss: string };

/** Returns the statement on a manifest's first line; `undefined` if it is not one. Members that this version does not know are ignored. */
export function parseSeedStatement(json: Json): SeedStatement | undefined {
  const { id, instance, server, again, from, until } = json;
  const source = seedSources.find((name) => name === json.source);
  const takenMs = parseTime(json.taken);
  if (!isUuid(id) || typeof instance !== 'string' || source === undefined || takenMs === undefined) return undefined;
  if (typeof again !== 'boolean' || !(server === undefined || typeof server === 'string')) return undefined;
  if (!(from === undefined || isNs(from)) || !(until === undefined || isNs(until))) return undefined;
  return {
    id,
    instance,
    source,
    ...(server !== undefined && { server }),
    takenMs,
    again,
    ...(from !== undefined && { fromNs: BigInt(from) }),
    ...(until !== undefined && { toNs: BigInt(until) }),
  };
}

/** Returns the file on a line of the seed of an instance; `undefined` if it is not one. */
export function parseSeedFile(json: Json, instance: string): SeedFile | undefined {
  const file = parseFile(json, instance);
  if (file?.state !== 'stored') return undefined;
  const { key, sizeBytes: bytes, md5: digest, lines, fromNs: firstNs, toNs: lastNs } = file;
  if (bytes === undefined || digest === undefined || lines === undefined) return undefined;
  if (firstNs === undefined || lastNs === undefined) return undefined;
  return { key, bytes, digest, lines, firstNs, lastNs };
}

/** Returns what another line says; `undefined` if it is none of ours. */
export function parseSeedLine(json: Json): SeedLine | undefined {
  if ('selects' in json) {
    const selects = (['databases', 'policies', 'measurements'] as const).find((kind) => kind === json.selects);
    return selects !== undefined && typeof json.name === 'string' ? { selects, name: json.name } : undefined;
  }
  if ('loss' in json) return typeof json.loss === 'string' ? { loss: json.loss } : undefined;
  if ('partition' in json) return parsePartition(json);
  return 'shard' in json ? parseShard(json) : undefined;
}

function parsePartition(json: Json): SeedLine | undefined {
  const { partition: database, retentionPolicy, default: isDefault, lines, from, to, digest } = json;
  if (!isName(database) || !isName(retentionPolicy) || typeof isDefault !== 'boolean') return undefined;
  if (!isCount(lines) || !isNs(from) || !isNs(to) || typeof digest !== 'string') return undefined;
  const times = { firstNs: BigInt(from), lastNs: BigInt(to) };
  return { partition: { database, retentionPolicy, isDefault, lines, ...times, digest } };
}

function parseShard(json: Json): SeedLine | undefined {
  const { shard: id, database, retentionPolicy, files } = json;
  if (!isCount(id) || !isName(database) || !isName(retentionPolicy) || !isCount(files)) return undefined;
  return { shard: { database, retentionPolicy, id, files } };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** What a last line says of those before it. */
export interface SeedEnd {
  readonly files: number;
  readonly others: number;
  readonly sha256: string;
}

/** Returns what a last line says; `undefined` if it is not one. */
export function parseSeedEnd({ end, files, others, sha256 }: Json): SeedEnd | undefined {
  if (end !== 'seed' || !isCount(files) || !isCount(others) || !isSha256(sha256)) return undefined;
  return { files, others, sha256 };
}
