import { type BackupFile, gzOf, keyOf, uuidV7 } from '../../../restore/test/support/backup';
import { seedFiles } from '../../../restore/test/support/seed';
import { Bucket, hour, minute, ScriptedSink } from '../../../storage/test/ledger/bucket';

const idOf = (n: number) => `5d0c7b5e-9f1e-4c7a-8a4e-${String(n).padStart(12, '0')}`;
/** The id of the sink that is silent. */
export const silentSink: string = idOf(7);
/** When somebody looks at the backup. */
export const lookedMs: number = Date.UTC(2026, 10, 29, 0, 1);

/** How many findings of each kind the backup has: each kind has a number of its own. */
export const findingsOfEach: Readonly<Record<string, number>> = {
  lost: 2,
  resized: 3,
  late: 4,
  silent: 1,
  unvouched: 9,
  'ledger-gap': 5,
  untrusted: 6,
  unnamed: 7,
  'unfinished-seed': 8,
  'sequence-gap': 10,
};

/** Makes a backup of the instance `i` that has findings of every kind. */
export async function everyFinding(): Promise<Bucket> {
  const storage = new Bucket();
  await sinksOf(storage);
  const openedMs = Date.UTC(2026, 10, 26, 12);
  const seeded = { database: 's', lines: 'm v=1 1\n' };
  const seeds = seedFiles({
    files: Array.from({ length: 8 }, (_, n) => ({ ...seeded, retentionPolicy: `rp_${n}` })),
    takenMs: lookedMs - hour,
  });
  // The odd numbers of a sequence are missing, of one that is in no ledger.
  const numbered = Array.from({ length: 11 }, (_, n) => ({
    database: 'unvouched_0',
    retentionPolicy: 'rp',
    openedMs: openedMs + n,
    lines: 'm v=1 1\n',
    header: { writer: uuidV7(openedMs), sequence: BigInt(2 * n) },
  }));
  const others = Array.from({ length: 8 }, (_, n) => ({
    database: `unvouched_${n + 1}`,
    retentionPolicy: 'rp',
    openedMs,
    lines: 'm v=1 1\n',
  }));
  for (const file of [...seeds, ...numbered, ...others]) await put(storage, { ...file, instance: 'i' });
  return storage;
}

async function put(storage: Bucket, file: BackupFile): Promise<void> {
  storage.put(keyOf(file), await gzOf(file), file.openedMs);
}

/** Lets seven sinks run for three days; what they stored and said is lost in part. */
async function sinksOf(storage: Bucket): Promise<void> {
  const sinks = Array.from({ length: 7 }, (_, n) => new ScriptedSink(storage, idOf(n + 1), 'i'));
  const startMs = Date.UTC(2026, 10, 26);
  const said = new Map<ScriptedSink, string[]>(sinks.map((sink) => [sink, []]));
  for (let ms = startMs; ms < lookedMs; ms += 6 * hour) {
    for (const [n, sink] of sinks.entries()) {
      if (n === 6 && ms > startMs + 60 * hour) continue; // it has died
      const isLast = ms + 6 * hour > lookedMs;
      for (const kind of ['kept', ...(n < 2 ? ['lost'] : []), ...(n < 3 ? ['resized'] : [])]) {
        if (ms !== startMs + 6 * hour) continue;
        const { key } = sink.store(ms - minute, { instance: 'i', database: `${kind}_${n}`, retentionPolicy: 'rp' });
        if (kind === 'lost') storage.objects.delete(key);
        if (kind === 'resized') storage.put(key, Buffer.from('?'), ms);
      }
      const sinceMs = ms - 12 * hour;
      const key = `i/kept_${n}/rp/20261128/${uuidV7(sinceMs, n)}.gz`;
      const pending = isLast && n < 4 ? [{ state: 'spooled' as const, key, sinceMs }] : [];
      said.get(sink)?.push(...(await sink.say(ms, { pending, unnamed: isLast || n === 6 ? 1 : 0 })));
    }
  }
  for (const [n, sink] of sinks.entries()) {
    // The last one restates the day: a gap before it would be none.
    const keys = (said.get(sink) ?? []).filter((key) => key.includes('/20261127/'));
    if (n < 5) storage.objects.delete(keys[2] ?? '');
    const [whole = ''] = keys.slice(-1);
    const object = storage.objects.get(whole);
    if (n < 6 && object !== undefined) storage.put(whole, object.bytes.subarray(0, 100), object.createdMs);
  }
}
