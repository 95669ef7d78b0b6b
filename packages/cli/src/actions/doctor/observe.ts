import { randomUUID } from 'node:crypto';
import { type ObjectBody, type ObjectReader, type ObjectWriter, retry } from '@ceres/storage';
import { doctorFolder, type StoreFault, type StoreProbe } from '@ceres/storage/adapter';
import { hasCode } from '../../errors';
import { clockSkewMs } from './clock-skew';

/** A store, opened with the credential that is examined. */
export interface Patient {
  readonly storage: ObjectReader & ObjectWriter;
  /** What the adapter can try beyond the contract. A folder has no such probe, nor have all adapters of other people. */
  readonly probe: StoreProbe | undefined;
  readonly isFolder: boolean;
  readonly role: 'writer' | 'reader';
  readonly signal: AbortSignal;
}

/** What came of one attempt. */
export interface Outcome {
  readonly is:
    | 'done' // the store has carried it out
    | 'exists' // the store has refused to overwrite
    | 'missing' // there is no such object or bucket, and the store has said so
    | 'denied'
    | 'untried'
    | StoreFault;
  /** What the store said, if it has refused. */
  readonly reason?: string;
}

/** What was tried, and what came of it. */
export interface Observations {
  /** The keys of what may have been stored. */
  readonly canaries: readonly string[];
  /** How far this machine's clock is ahead of the store's; `undefined` if the store does not tell its time. */
  readonly skewMs: number | undefined;
  readonly create: Outcome;
  readonly createAgain: Outcome;
  /** How many of the racing creates of one name have won; `undefined` if there was no race. */
  readonly winners: number | undefined;
  readonly list: Outcome;
  readonly readOwn: Outcome;
  /** What came of reading the first object of the backup, which the listing named. */
  readonly readOther: Outcome;
  readonly overwrite: Outcome;
  readonly keepsVersions: boolean;
  readonly delete: Outcome;
}

/** How many creates of one name race. */
export const racers = 8;
/** A request that fails for a reason that passes is sent this often. */
const attemptsMax = 4;

const untried: Outcome = { is: 'untried' };

/** Tries what a credential may and may not do. Everything that it stores, overwrites or deletes is a canary of its own. */
export async function observe(patient: Patient): Promise<Observations> {
  const skewMs = await clockSkewMs(patient.probe, patient.signal);
  const { list, first } = await tryListing(patient);
  const nothing = { ...notTried, skewMs, list };
  // A first put would make the folder, of which the path may be mistyped.
  if (patient.isFolder && list.is === 'missing') return { ...nothing, create: list };

  const canary = newCanary();
  // The name is new: if it exists, an attempt whose reply was lost has stored it.
  const create = doneIfExists(await tryPut(patient, canary, 'first'));
  if (['missing', 'missing-bucket', 'wrong-region'].includes(create.is)) return { ...nothing, create };
  const readOther = first === undefined ? untried : await tryReading(patient, first);
  const created = create.is === 'done' ? await tryAgain(patient, canary) : { canaries: [] };
  const { overwrite, keepsVersions } = await tryOverwriting(patient, canary);
  const deleted = await tryDeleting(patient, canary);
  const mayBeThere = (create.is === 'done' || overwrite.is === 'done') && deleted.is !== 'done';
  const canaries = [...(mayBeThere ? [canary] : []), ...created.canaries];
  return { ...nothing, create, readOther, ...created, overwrite, keepsVersions, delete: deleted, canaries };
}

const notTried = {
  canaries: [],
  createAgain: untried,
  winners: undefined,
  readOwn: untried,
  readOther: untried,
  overwrite: untried,
  keepsVersions: false,
  delete: untried,
} as const;

/** Tries what needs a canary that was created. */
async function tryAgain(patient: Patient, canary: string) {
  const createAgain = await tryPut(patient, canary, 'second');
  const raced = newCanary();
  const isRace = patient.role === 'writer';
  const winners = isRace ? await race(patient, raced) : undefined;
  const readOwn = await tryReading(patient, canary);
  return { createAgain, winners, readOwn, canaries: isRace ? [raced] : [] };
}

async function tryListing(patient: Patient) {
  let first: string | undefined;
  const list = await attempt(patient, async (signal) => {
    for await (const { key } of patient.storage.list('', { signal })) {
      // The names of instances sort before everything that begins with `~`.
      if (!key.startsWith(`${doctorFolder}/`)) first = key;
      break;
    }
  });
  return { list, first };
}

async function tryOverwriting(patient: Patient, canary: string) {
  const { probe } = patient;
  let keepsVersions = false;
  if (probe === undefined) return { overwrite: untried, keepsVersions };
  const overwrite = await attempt(patient, async (signal) => {
    const stored = await probe.overwrite(canary, Buffer.from('overwritten\n'), { signal });
    keepsVersions = stored.keepsVersions;
  });
  return { overwrite, keepsVersions };
}

async function tryDeleting(patient: Patient, canary: string): Promise<Outcome> {
  const { probe } = patient;
  if (probe === undefined) return untried;
  return await attempt(patient, (signal) => probe.delete(canary, { signal }));
}

async function race(patient: Patient, key: string): Promise<number> {
  const bodies = Array.from({ length: racers }, (_, n) => `racer ${n}`);
  const outcomes = await Promise.all(bodies.map((body) => tryPut(patient, key, body)));
  return outcomes.filter(({ is }) => is === 'done').length;
}

function doneIfExists(outcome: Outcome): Outcome {
  return outcome.is === 'exists' ? { is: 'done' } : outcome;
}

async function tryPut(patient: Patient, key: string, text: string): Promise<Outcome> {
  return await attempt(patient, (signal) => patient.storage.put(key, bodyOf(text), { signal }));
}

/** Reads one byte. */
async function tryReading(patient: Patient, key: string): Promise<Outcome> {
  return await attempt(patient, async (signal) => {
    for await (const _ of patient.storage.get(key, { start: 0, end: 1, signal }));
  });
}

/** Makes a call, again if its failure may pass, and says what came of it. What says nothing about rights is thrown. */
async function attempt({ probe, signal }: Patient, call: (signal: AbortSignal) => Promise<unknown>): Promise<Outcome> {
  try {
    const outcome = await retry(call, { attemptsMax, signal });
    return { is: outcome === 'exists' ? 'exists' : 'done' };
  } catch (error) {
    signal.throwIfAborted();
    const is = probe?.faultOf(error) ?? meaningOf(error);
    if (is === undefined) throw error;
    return { is, reason: (error as Error).message };
  }
}

function meaningOf(error: unknown): 'denied' | 'missing' | undefined {
  if (!hasCode(error)) return undefined;
  return ({ DENIED: 'denied', NOT_FOUND: 'missing' } as const)[error.code as 'DENIED'];
}

function newCanary(): string {
  return `${doctorFolder}/${randomUUID()}`;
}

function bodyOf(text: string): ObjectBody {
  const bytes = Buffer.from(`${text}\n`);
  return {
    sizeBytes: bytes.byteLength,
    async *open() {
      yield Uint8Array.from(bytes);
    },
  };
}
