import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, report } from '../../bench';

/** Reports how far the live heap grows while a listing of this many objects is read: less than 50 MB for a million. */
export async function reportListHeap(name: string, listing: AsyncIterable<unknown>, keys: number): Promise<void> {
  const before = liveHeapBytes();
  let most = before;
  let seen = 0;
  for await (const _ of listing) {
    seen += 1;
    if (seen % 50_000 === 0) most = Math.max(most, liveHeapBytes());
  }
  if (seen !== keys) throw new Error(`The listing returned ${seen} of ${keys} keys.`);
  report({ bench: 'storage', case: name, unit: 'MB', ours: (most - before) / 1e6 });
}

function liveHeapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc, as `npm run bench` does.');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/**
 * Reports how long it takes to import a package as it is built: the first time, when its files may not be in memory yet, and after that.
 *
 * @param folder the folder of the package
 */
export function reportImportTime(name: string, folder: URL): void {
  const program = `const startMs = performance.now(); await import('@ceres/${name}'); console.log(performance.now() - startMs)`;
  const measure = () =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', program], {
        cwd: fileURLToPath(folder),
        env: { ...process.env, NODE_OPTIONS: '' },
      }),
    );
  report({ bench: 'storage', case: `import-ms-${name}-cold`, unit: 'ms', ours: measure() });
  report({ bench: 'storage', case: `import-ms-${name}`, unit: 'ms', ours: median(Array.from({ length: 9 }, measure)) });
}
