import { countOf } from '@ceres/internal';
import { RestoreError } from '../errors';
import type { ResolvedHeal } from '../options/heal';
import { type FileFinding, isFault } from '../read/finding';
import type { ComparedPolicies } from '../verify/compared-policies';
import type { Mismatch } from '../verify/verdict';

/** More than this part of the points is another database, or another disaster. */
const damagedPartMax = 0.1;
/** A message names this many. */
const namesMax = 10;

/** Something that speaks against writing. */
export interface Objection {
  /** What it is, and what to do about it: whole sentences. */
  readonly why: string;
  /** The names of the findings that it is about: with them in `accept`, the same call goes on. */
  readonly accept?: readonly string[];
  /** Set if the same call goes on with `largeDamage`. */
  readonly largeDamage?: true;
}

/**
 * Refuses to write for all that speaks against it at once.
 *
 * @throws RestoreError `HEAL_REFUSED` unless there is nothing
 */
export function refuseFor(objections: readonly Objection[]): void {
  if (objections.length > 0) throw refused(objections);
}

/** Returns the error for a heal that nothing was written for. */
export function refused(objections: readonly Objection[]): RestoreError {
  return withGoOn(`Nothing was written. ${objections.map(({ why }) => why).join(' ')}`, objections);
}

/** Returns the error for a restore beside live writes whose values cannot be judged. */
export function unfinished(objection: Objection): RestoreError {
  const what =
    'The files are restored, but values that were written at the same time may have been replaced by older ones';
  const again = 'Then run the same command again: it compares, and repeats nothing else.';
  return withGoOn(`${what}. ${objection.why} ${again}`, [objection]);
}

function withGoOn(message: string, objections: readonly Objection[]): RestoreError {
  const accept = objections.flatMap((one) => one.accept ?? []);
  const isLarge = objections.some(({ largeDamage }) => largeDamage);
  const goOn = { ...(accept.length > 0 && { accept }), ...(isLarge && { largeDamage: true }) };
  return new RestoreError('HEAL_REFUSED', message, Object.keys(goOn).length > 0 ? { goOn } : {});
}

/** Returns what speaks against healing from files of which some are damaged or missing: they may hold newer values. */
export function ofDamagedFiles(findings: readonly FileFinding[], { accept }: ResolvedHeal): Objection[] {
  const found = findings.filter((finding) => isFault(finding) && !accept.has(finding.name));
  if (found.length === 0) return [];
  const named = listed(found.map(({ name, reason }) => `${name} (${reason})`));
  const what = `Files of the backup are damaged or missing, and may hold newer values: ${named}`;
  const todo = 'Repair them, or, if that is known, name each with accept (--accept)';
  return [{ why: `${what}. ${todo}.`, accept: [...new Set(found.map(({ name }) => name))] }];
}

/** Returns what speaks against healing more than a tenth of the points. */
export function ofLargeDamage(
  damaged: number,
  compared: number,
  { largeDamage, serverUrl }: Pick<ResolvedHeal, 'largeDamage' | 'serverUrl'>,
): Objection[] {
  if (largeDamage || damaged <= compared * damagedPartMax) return [];
  const what = `${damaged} of ${countOf(compared, 'point')} ${damaged === 1 ? 'is' : 'are'} missing or different in ${serverUrl}, more than a tenth: that is another database, or another disaster`;
  const todo =
    'Check the server (to, --to) and the names on it; after the loss of a database, restore it. If this is what you mean, set largeDamage (--large-damage)';
  return [{ why: `${what}. ${todo}.`, largeDamage: true }];
}

/** Returns what speaks against healing points of policies that the server does not have. */
export function ofAbsentPolicies(
  mismatches: readonly Pick<Mismatch, 'database' | 'retentionPolicy' | 'missing'>[],
  policies: Pick<ComparedPolicies, 'named'>,
  { onlyDifferent }: Pick<ResolvedHeal, 'onlyDifferent'>,
): Objection[] {
  if (onlyDifferent) return [];
  const absent = mismatches.flatMap(({ database, retentionPolicy = '', missing }) => {
    const policy = missing > 0 ? policies.named(database, retentionPolicy) : undefined;
    return policy?.exists === false ? [`'${policy.name}' of '${policy.database}'`] : [];
  });
  const names = [...new Set(absent)];
  if (names.length === 0) return [];
  return [{ why: `The server has no policy ${listed(names)}, and a heal creates none. Restore it first.` }];
}

/** Returns names as a message shows them. */
export function listed(names: readonly string[]): string {
  const more = names.length - namesMax;
  return [...names.slice(0, namesMax), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
