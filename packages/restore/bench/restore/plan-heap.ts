import { encodeFile } from '@ceres/lineproto';
import { planRestore } from '@ceres/restore';
import { formatKey, type ObjectInfo, type ObjectReader } from '@ceres/storage';

const databases = 10;
const days = 50;
const firstMs = Date.UTC(2024, 0, 1);
const dayMs = 86_400_000;

/** Plans and lists a backup of `objects` objects, and returns the largest growth of the heap in MB. */
export async function planHeapMb(objects: number): Promise<number> {
  const storage = await manyObjects(objects);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let peak = before;
  const measure = () => {
    globalThis.gc?.();
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  };
  const plan = await planRestore({ storage, instance: 'bench' });
  measure();
  let listed = 0;
  for await (const _ of plan.list()) {
    listed += 1;
    if (listed % 100_000 === 0) measure();
  }
  if (listed !== objects || plan.files !== objects) throw new Error(`${listed} of ${objects} files were listed`);
  return (peak - before) / 1e6;
}

/** Makes a storage whose names are generated while they are listed, in the order of a storage. */
async function manyObjects(objects: number): Promise<ObjectReader> {
  const header = { database: 'db', retentionPolicy: '', formatVersion: 1, precision: 's' } as const;
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeFile(header, one(Buffer.from('m v=1 1\n')))) chunks.push(chunk);
  const gz = Buffer.concat(chunks);
  const perDay = objects / databases / days;
  return {
    async *list(prefix): AsyncGenerator<ObjectInfo> {
      for (let d = 0; d < databases; d += 1) {
        for (let n = 0; n < perDay * days; n += 1) {
          const createdMs = firstMs + Math.floor(n / perDay) * dayMs + (n % perDay);
          const time = createdMs.toString(16).padStart(12, '0');
          const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${d.toString(16).padStart(12, '0')}`;
          const day = new Date(createdMs).toISOString().slice(0, 10).replaceAll('-', '');
          const key = formatKey({ instance: 'bench', database: `db_${d}`, day, id });
          if (key.startsWith(prefix)) yield { key, sizeBytes: gz.byteLength, createdMs };
          else break;
        }
      }
    },
    get: () => one(gz),
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
