import { createHash } from 'node:crypto';
import type { ObjectInfo, ObjectReader } from '../contract';
import { parseJsonLine } from '../heartbeat/parse-lines';
import { readListed } from '../heartbeat/read-listed';
import { unpackedLines } from '../heartbeat/unpack-lines';
import type { RetryOptions } from '../retry/retry';
import { seedFormat } from './encode-manifest';
import { type ManifestFault, manifestFault } from './faults';
import { type SeedFile, type SeedManifest, seedLimits } from './manifest';
import {
  parseSeedEnd,
  parseSeedFile,
  parseSeedLine,
  parseSeedStatement,
  type SeedLine,
  type SeedStatement,
} from './parse-manifest';
import { parseSeedManifestKey } from './seed-key';

/**
 * Reads the manifest of a seed, and proves it before it returns: nothing of one that is cut, altered, foreign or too large is ever seen.
 *
 * @param info the object, as a listing has it
 * @throws StorageError one of the codes `SEED_…`, or as `readObject`
 */
export async function readSeedManifest(
  reader: ObjectReader,
  info: ObjectInfo,
  options: RetryOptions = {},
): Promise<SeedManifest> {
  const fault = manifestFault(info.key);
  const parts = parseSeedManifestKey(info.key);
  if (parts === undefined) throw fault('SEED_FOREIGN', 'its name is not that of a manifest');
  const packed = await readListed(reader, info, seedLimits.sizeBytesMax, options, (kind, why) =>
    fault(`SEED_${kind}`, why),
  );
  const manifest = await prove(packed, fault);
  if (manifest.instance !== parts.instance || manifest.id !== parts.id) {
    throw fault('SEED_FOREIGN', 'it speaks of another instance or seed than its name');
  }
  return manifest;
}

async function prove(packed: readonly Uint8Array[], fault: ManifestFault): Promise<SeedManifest> {
  const hash = createHash('sha256');
  const others: SeedLine[] = [];
  const files: SeedFile[] = [];
  let statement: SeedStatement | undefined;
  let isEnded = false;
  for await (const line of unpackedLines(packed, seedLimits, (kind, ...why) => fault(`SEED_${kind}`, ...why))) {
    if (isEnded) throw fault('SEED_ALTERED', 'something follows its last line');
    const json = parseJsonLine(line) ?? {};
    if (statement === undefined) {
      statement = readStatement(json, fault);
    } else if ('end' in json) {
      const end = parseSeedEnd(json);
      const isRight = end?.files === files.length && end.others === others.length;
      if (!isRight || end.sha256 !== hash.digest('hex')) {
        throw fault('SEED_ALTERED', 'its last line does not confirm the lines before it');
      }
      isEnded = true;
      continue;
    } else if ('key' in json) {
      const file = parseSeedFile(json, statement.instance);
      if (file === undefined) throw fault('SEED_ALTERED', `line ${number()} is not that of a file`);
      files.push(file);
    } else {
      const other = parseSeedLine(json);
      if (other === undefined) throw fault('SEED_ALTERED', `line ${number()} says nothing that is known`);
      others.push(other);
    }
    if (files.length > seedLimits.filesMax || others.length > seedLimits.othersMax) {
      throw fault('SEED_TOO_LARGE', 'it names too much');
    }
    hash.update(line).update('\n');
  }
  if (statement === undefined || !isEnded) throw fault('SEED_CUT', 'its last line is missing');
  return manifestOf(statement, others, files);

  function number(): number {
    return 2 + files.length + others.length;
  }
}

function readStatement(json: Readonly<Record<string, unknown>>, fault: ManifestFault): SeedStatement {
  if (json.ceres !== 'seed') throw fault('SEED_FOREIGN', 'its first line is not that of a manifest');
  if (typeof json.format === 'number' && json.format > seedFormat) {
    throw fault('SEED_NEWER', `it has format ${json.format}, and this version knows format ${seedFormat}`);
  }
  const statement = json.format === seedFormat ? parseSeedStatement(json) : undefined;
  if (statement === undefined) throw fault('SEED_ALTERED', 'its first line lacks what every manifest states');
  return statement;
}

function manifestOf(
  { fromNs, toNs, ...statement }: SeedStatement,
  others: readonly SeedLine[],
  files: readonly SeedFile[],
): SeedManifest {
  const names = { databases: [] as string[], policies: [] as string[], measurements: [] as string[] };
  for (const line of others) if ('selects' in line) names[line.selects].push(line.name);
  const selected = Object.entries(names).filter(([, some]) => some.length > 0);
  const times = { ...(fromNs !== undefined && { fromNs }), ...(toNs !== undefined && { toNs }) };
  return {
    ...statement,
    selection: { ...Object.fromEntries(selected), ...times },
    partitions: others.flatMap((line) => ('partition' in line ? [line.partition] : [])),
    shards: others.flatMap((line) => ('shard' in line ? [line.shard] : [])),
    files,
    losses: others.flatMap((line) => ('loss' in line ? [line.loss] : [])),
  };
}
