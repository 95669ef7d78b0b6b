import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { formatNamedFile, jsonLine, timeText } from '../heartbeat/format-lines';
import { type SeedManifest, type SeedSelection, seedLimits } from './manifest';

const gzipped = promisify(gzip);

/** The version of this format. A reader refuses a later one. */
export const seedFormat = 1;

/**
 * Returns a manifest as it is put into the storage: gzip of lines of JSON. It is made in memory, which `seedLimits` bounds; the caller
 * keeps to them. Of too many losses the first are written, and the number of the others.
 */
export async function encodeSeedManifest(manifest: SeedManifest): Promise<Buffer> {
  const { files } = manifest;
  const others = [...otherLines(manifest)];
  assert(files.length <= seedLimits.filesMax && others.length <= seedLimits.othersMax);
  const stored = files.map(({ key, bytes: sizeBytes, digest: md5, lines, firstNs: fromNs, lastNs: toNs }) =>
    formatNamedFile({ state: 'stored', key, sizeBytes, md5, lines, fromNs, toNs }),
  );
  const lines = Buffer.from([statementOf(manifest), ...others, ...stored].join(''));
  const sha256 = createHash('sha256').update(lines).digest('hex');
  const end = jsonLine({ end: 'seed', files: files.length, others: others.length, sha256 });
  const text = Buffer.concat([lines, Buffer.from(end)]);
  assert(text.byteLength <= seedLimits.textBytesMax, `The manifest has ${text.byteLength} bytes.`);
  return await gzipped(text, { level: 6 });
}

function statementOf({ id, instance, source, server, takenMs, again, selection }: SeedManifest): string {
  const { fromNs, toNs } = selection;
  const taken = timeText(takenMs);
  const times = { from: fromNs?.toString(), until: toNs?.toString() };
  return jsonLine({ ceres: 'seed', format: seedFormat, id, instance, source, server, taken, again, ...times });
}

function* otherLines({ selection, partitions, shards, losses }: SeedManifest): Generator<string> {
  for (const kind of ['databases', 'policies', 'measurements'] as const satisfies readonly (keyof SeedSelection)[]) {
    for (const name of selection[kind] ?? []) yield jsonLine({ selects: kind, name });
  }
  for (const { database, retentionPolicy, isDefault, lines, firstNs, lastNs, digest } of partitions) {
    const times = { from: firstNs.toString(), to: lastNs.toString() };
    yield jsonLine({ partition: database, retentionPolicy, default: isDefault, lines, ...times, digest });
  }
  for (const { database, retentionPolicy, id, files } of shards) {
    yield jsonLine({ shard: id, database, retentionPolicy, files });
  }
  for (const loss of losses.slice(0, seedLimits.lossesMax)) yield jsonLine({ loss: shortened(loss) });
  const more = losses.length - seedLimits.lossesMax;
  if (more > 0) yield jsonLine({ loss: `${more} more could not be read` });
}

/** Shortens a text so that its line is not too long, however many bytes JSON needs for a character. */
function shortened(text: string): string {
  const charactersMax = Math.floor(seedLimits.lineBytesMax / 6) - 10;
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}
