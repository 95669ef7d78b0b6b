import { drillKey } from '@ceres/storage/internal';
import { Bucket, hour, minute, ScriptedSink } from '../../../storage/test/ledger/bucket';
import type { CertifiedDrill } from '../../src/certificate/certificate';
import { certify } from '../../src/certificate/signature';
import { drillOf } from '../support/certificate';

const day = 24 * hour;
export const instance = 'influxdb-0';
const sink = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A backup in memory, and the time at which somebody looks at it. */
export interface Looked {
  readonly storage: Bucket;
  readonly nowMs: number;
}

/** Makes a backup of two databases over some weeks, whose sink runs on, and three drills that passed. */
export async function healthy({ days = 60, names = ['metrics', 'site_6'] } = {}): Promise<Looked> {
  const storage = new Bucket();
  const scripted = new ScriptedSink(storage, sink, instance);
  const startMs = Date.UTC(2026, 9, 1);
  for (let ms = startMs; ms < startMs + days * day; ms += 6 * hour) {
    const isSunday = new Date(ms).getUTCDay() === 0;
    const atMs = ms + hour;
    for (const database of isSunday ? [] : names) {
      for (let n = 0; n < 1 + ((ms / hour) % 4); n += 1)
        scripted.store(atMs - n * minute, { instance, database, retentionPolicy: 'rp' });
    }
    await scripted.say(atMs);
  }
  const nowMs = startMs + days * day - 5 * hour + 2 * minute;
  for (let n = 0; n < 3; n += 1) putDrill(storage, n, { began: new Date(nowMs - (1 + 7 * n) * day).toISOString() });
  return { storage, nowMs };
}

/** Makes the same, with everything that a page can show to be wrong. */
export async function gappy(): Promise<Looked> {
  const { storage, nowMs } = await healthy();
  const other = new ScriptedSink(storage, '7a3f3c9e-2b1d-4e65-9d0a-5c8e2f4b6a10', instance);
  const spooled = {
    state: 'parked',
    key: keyOn(storage, 'site_6', '20261120').replace('20261120', '20261121'),
    sinceMs: nowMs - 9 * day,
  } as const;
  await other.say(nowMs - 4 * day, { pending: [spooled] });
  for (const key of [...storage.objects.keys()]) {
    if (/site_6\/rp\/202611(?:03|04|05)/.test(key)) storage.objects.delete(key);
    const object = storage.objects.get(key);
    if (/metrics\/rp\/20261112/.test(key) && object)
      storage.put(key, Buffer.concat([object.bytes, object.bytes]), object.createdMs);
  }
  const strangers = keyOn(storage, 'metrics', '20261016').replace(/-8000-.*/, '-8000-ffffffffffff.gz');
  storage.put(strangers, Buffer.from('no gzip'), Date.UTC(2026, 9, 16));
  const failed = {
    verdict: 'FAIL',
    reasons: ['2 files missing from site_6.rp'],
    recovery: { ...drillOf().recovery, seconds: 5_400 },
  } as const;
  putDrill(storage, 9, { began: new Date(nowMs - hour).toISOString(), ...failed });
  return { storage, nowMs };
}

export function empty(): Looked {
  return { storage: new Bucket(), nowMs: Date.UTC(2026, 10, 30) };
}

export function putDrill(storage: Bucket, n: number, more: Partial<CertifiedDrill>): void {
  const certificate = certify(drillOf({ id: idOf(n), ...more }), undefined);
  const key = drillKey({
    instance: certificate.instance,
    day: certificate.began.slice(0, 10).replaceAll('-', ''),
    id: idOf(n),
  });
  storage.put(key, Buffer.from(JSON.stringify(certificate)), Date.parse(certificate.began));
}

function keyOn(storage: Bucket, database: string, day: string): string {
  const found = [...storage.objects.keys()].find((key) => key.startsWith(`${instance}/${database}/rp/${day}/`));
  if (found === undefined) throw new Error(`Expected a file of ${database} on ${day}.`);
  return found;
}
