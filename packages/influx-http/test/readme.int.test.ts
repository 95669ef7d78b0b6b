import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { expect, it, vi } from 'vitest';

/** The script lies in the package, so that its imports resolve as a reader's do. */
const script = fileURLToPath(new URL('./readme.generated.ts', import.meta.url));

it.skipIf(!(await influxdAvailable()))('the code of the README runs, and prints what it says', async () => {
  const influxd = await startInfluxd();
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  const complain = vi.spyOn(console, 'error');
  try {
    await query(influxd.url, '', 'CREATE DATABASE db_0');
    await query(influxd.url, '', 'CREATE RETENTION POLICY rp_5d ON db_0 DURATION INF REPLICATION 1');
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    await writeFile(script, code.replace('http://127.0.0.1:8086', influxd.url));
    await import(script);
    expect(print.mock.calls).toEqual([
      [{ version: influxd.version }],
      [['cpu', 'host=a', '1700000000000000000', '0.64', '9007199254740993']],
    ]);
    expect(complain).not.toHaveBeenCalled();
  } finally {
    vi.restoreAllMocks();
    await rm(script, { force: true });
    await influxd.stop();
  }
});
