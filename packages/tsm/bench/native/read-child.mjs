// Reads all shards through the snapshot service: `node read-child.mjs URL SCRATCHDIR digest|lines`; prints its CPU time and peak memory.
import { openSnapshotService, PointLines } from '@ceres/tsm';

const [url, scratchDir, what] = process.argv.slice(2);
const { shards } = await openSnapshotService(url, { scratchDir });
const counted = hash(Buffer.from('usage_user'), 0);
let points = 0;
let bytes = 0;
let digest = { hi: 0, lo: 0 };
for (const stored of shards) {
  const shard = await stored.open();
  await (what === 'digest' ? digestOf(shard) : linesOf(shard));
  await shard.close();
}
const { user, system } = process.cpuUsage();
const rssMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ points, cpuSeconds: (user + system) / 1e6, rssMb, digest, bytes }));

/** Sums up a hash of each value with its type, time, field and series, so that no order counts. */
async function digestOf(shard) {
  let [hi, lo] = [digest.hi, digest.lo];
  let series;
  let seriesHash = 0;
  await shard.visitColumns(({ seriesKey, field, column }) => {
    // The keys of a series come one after another, and have the same bytes.
    if (seriesKey !== series) seriesHash = hash(seriesKey, 0);
    series = seriesKey;
    const fieldHash = hash(field, 0);
    const a = Math.imul(seriesHash ^ fieldHash ^ column.type.length, 2654435761);
    const b = Math.imul(seriesHash ^ Math.imul(fieldHash, 31) ^ (7 + column.type.length), 1597334677);
    const { type, timeWords, valueWords, length } = column;
    const isNumber = type !== 'string' && type !== 'boolean';
    if (fieldHash === counted) points += length;
    for (let i = 0; i < 2 * length; i += 2) {
      const v1 = isNumber ? valueWords[i] : hash(bytesAt(column, i / 2), a);
      const v2 = isNumber ? valueWords[i + 1] : hash(bytesAt(column, i / 2), b);
      const x = finish(Math.imul(Math.imul(a ^ timeWords[i], 2654435761) ^ timeWords[i + 1], 1597334677) ^ v1, v2);
      const y = finish(Math.imul(Math.imul(b ^ timeWords[i + 1], 2654435761) ^ timeWords[i], 1597334677) ^ v2, v1 ^ x);
      hi = (hi + x) | 0;
      lo = (lo + y) | 0;
    }
  });
  digest = { hi, lo };
}

function bytesAt({ type, text, starts, ends, booleans }, i) {
  return type === 'boolean' ? [booleans[i]] : text.subarray(starts[i], ends[i]);
}

function hash(bytes, seed) {
  let state = seed | 0;
  for (let i = 0; i < bytes.length; i += 1) state = Math.imul(state ^ bytes[i], 2654435761);
  return state;
}

function finish(a, b) {
  const mixed = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  return mixed ^ (mixed >>> 16);
}

/** Writes all points as lines, and throws them away. */
async function linesOf(shard) {
  const lines = new PointLines();
  for await (const batch of shard.points()) {
    bytes += lines.encode(batch).length;
    points += batch.length;
  }
}
