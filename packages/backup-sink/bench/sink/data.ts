import { telegrafLines } from '@ceres/testkit';

/** Raw-line writes of about 20 KB, as an ingestion service receives them; given again and again. */
function writesOf20KB(count: number): Uint8Array[] {
  const lines = [...telegrafLines({ lines: count * 68, series: 2_000 })];
  return Array.from({ length: count }, (_, i) => Buffer.from(lines.slice(i * 68, i * 68 + 68).join('')));
}

export const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp' };
const writersAtOnce = 64;

/** So many writers share `count` writes. */
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

/** The n-th write: the pool again and again. */
export const writeAt = (n: number) =>
  ({ lines: pool[n % pool.length] ?? pool[0] ?? Buffer.alloc(0), precision: 's' }) as const;
