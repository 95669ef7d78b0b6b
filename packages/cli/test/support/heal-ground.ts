import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HealOptions } from '@ceres/restore';
import { query, writeRaw } from '@ceres/testkit';
import { expect } from 'vitest';
import { knownSinks, startTeedServer } from './teed-server';

/** The server of the points that are healed. */
export const instance = 'influxdb-0';
const startS = 1_700_000_000;

/** Writes 100 points of two fields through a tee, and closes its sink unless it `goesOn`. */
export async function healGround({ goesOn = false, ledger = true } = {}) {
  const { bucket, server, storage, sink, tee } = await startTeedServer(instance, { heartbeatMs: 20 });
  const write = async (n: number, v: number, w = 0) => {
    const fields = { v, w };
    const timestamp = BigInt(startS + 60 * n);
    await tee.write({ database: 'db' }, [{ measurement: 'm', tags: { t: 'a' }, fields, timestamp }]);
  };
  for (let n = 0; n < 100; n += 1) await write(n, n);
  await sink.flush();
  if (!goesOn) await sink.close();
  await knownSinks(storage, 1);
  if (!ledger) await rm(join(bucket, '~heartbeat'), { recursive: true });
  const past = async (line: string) => {
    expect((await writeRaw(server.url, 'db', line, { precision: 's' })).status).toBe(204);
  };
  const at = (n: number) => startS + 60 * n;
  const remove = async (n: number) => await query(server.url, 'db', `DELETE FROM m WHERE time = ${at(n)}s`);
  const valueAt = async (n: number, field = 'v') => {
    const [series] = await query(server.url, 'db', `SELECT ${field} FROM m WHERE time = ${at(n)}s`);
    return series?.values[0]?.[1];
  };
  const options: HealOptions = { storage, instance, to: { url: server.url }, waitMs: 0 };
  const snapshot = `tcp://127.0.0.1:${server.rpcPort}`;
  return { server, sink, storage, bucket, write, past, at, remove, valueAt, options, snapshot };
}
