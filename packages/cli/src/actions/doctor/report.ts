import { shellWord } from '@ceres/internal';
import { type Finding, type FindingKind, judge, type Place, untestedOf } from './judge';
import type { Observations, Patient } from './observe';

/** What was found of a store and a credential. */
export interface DoctorReport {
  readonly store: string;
  readonly role: Patient['role'];
  readonly isGood: boolean;
  readonly findings: readonly Finding[];
  /** The findings that do not count, since they are known. */
  readonly accepted: readonly FindingKind[];
  /** What could not be tried, and why. */
  readonly untested: readonly string[];
  /** The keys of what was left in the store. */
  readonly canaries: readonly string[];
}

/** What is known of a store before anything is tried, and what is known of its findings. */
interface Given {
  readonly place: Place;
  readonly accept: readonly string[];
  readonly hasProbe: boolean;
}

export function reportOf(url: URL, seen: Observations, { place, accept, hasProbe }: Given): DoctorReport {
  const all = judge(seen, place);
  const findings = all.filter(({ kind }) => !accept.includes(kind));
  return {
    store: url.href,
    role: place.role,
    isGood: findings.length === 0,
    findings,
    accepted: all.filter((finding) => !findings.includes(finding)).map(({ kind }) => kind),
    untested: untestedOf(seen, place, hasProbe),
    canaries: seen.canaries,
  };
}

/** What `ceres policy` calls the stores of URLs. */
const stores: Readonly<Record<string, string>> = { 's3:': 's3', 'gs:': 'gcs', 'azblob:': 'azure' };

/** Returns the command that prints what the store of a URL needs; `undefined` for a folder, and for a store of other people. */
export function policyCommandFor({ protocol, host, pathname }: URL): string | undefined {
  const store = stores[protocol];
  if (store === undefined) return undefined;
  const path = decodeURIComponent(pathname.slice(1));
  // An azblob: URL has the account first, and the container after it.
  const [bucket = '', ...folders] = protocol === 'azblob:' ? path.split('/') : [host, ...path.split('/')];
  const prefix = folders.join('/').replace(/\/$/, '');
  const words = ['ceres policy', store, '--bucket', shellWord(bucket)];
  return [...words, ...(prefix === '' ? [] : ['--prefix', shellWord(prefix)])].join(' ');
}
