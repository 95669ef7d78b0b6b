import { link, mkdir, mkdtemp, open, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalStorage } from '@ceres/storage';
import { benchFile, compare } from '@ceres/testkit';

const body = benchFile();

/** Runs on the disk of the working directory: a temporary folder may be in memory, where an fsync costs nothing. */
export async function localPutVsBare(): Promise<void> {
  const root = await mkdtemp(join(process.cwd(), '.bench-storage-'));
  try {
    const storage = new LocalStorage(join(root, 'storage'));
    const bareDir = join(root, 'bare');
    await mkdir(bareDir);
    let file = 0;
    await compare({
      bench: 'storage',
      case: 'local-put-vs-bare',
      unit: 'MB/s',
      rounds: 15,
      ours: () => {
        file += 1;
        return puts(() => storage.put(`i/db/rp/20240101/${file}.gz`, body));
      },
      peer: 'write + fsync + link, node:fs/promises',
      theirs: () => {
        file += 1;
        return puts(() => bare(bareDir, `${file}.gz`));
      },
    });
  } finally {
    await rm(root, { recursive: true });
  }
}

async function puts(put: () => Promise<unknown>): Promise<number> {
  await put();
  return body.megabytes;
}

/** Writes the same bytes, makes them durable and links their name, without a checksum, durable names or checks. */
async function bare(directory: string, name: string): Promise<void> {
  const temporary = join(directory, 'tmp');
  const handle = await open(temporary, 'wx');
  await handle.write(body.content);
  await handle.sync();
  await handle.close();
  await link(temporary, join(directory, name));
  await unlink(temporary);
}
