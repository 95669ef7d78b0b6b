import { telegrafLines } from '@ceres/testkit';

/** Returns raw-line writes of about 20 KB, as an ingestion service receives them. */
function writesOf20KB(count: number): Uint8Array[] {
  const lines = [...telegrafLines({ lines: count * 68, series: 2_000 })];
  return Array.from({ length: count }, (_, i) => Buffer.from(lines.slice(i * 68, i * 68 + 68).join('')));
}

export const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp' };
const writersAtOnce = 64;

/** Makes `count` writes, shared by 64 writers. */
export async function withWriters(count: number, write: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const writer = async () => {
    while (next < count) {
      const n = next;
      next += 1;
      await write(n);
    }
  };
  await Promise.all(Array.from({ length: writersAtOnce }, writer));
}

export const pool = writesOf20KB(1_000);
export const poolBytes = pool.reduce((sum, { byteLength }) => sum + byteLength, 0);

/** Returns the n-th write; after the last one of the pool it starts again. */
export const writeAt = (n: number) =>
  ({ lines: pool[n % pool.length] ?? pool[0] ?? Buffer.alloc(0), precision: 's' }) as const;
