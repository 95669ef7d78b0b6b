import { inspect } from 'node:util';
import type { Influxd } from '@ceres/testkit';
import { expect } from 'vitest';
import type { VerifyOptions } from '../../src/options/verify';
import type { Verdict } from '../../src/verify/verdict';
import { verify } from '../../src/verify/verify';
import { nativeOf } from './native-content';

/**
 * Compares over HTTP and, by content, through the snapshot service too. Both say the same, with the same times and numbers, unless there is
 * something that no query can read.
 *
 * @returns what the comparison over HTTP says
 */
export async function verifyBothWays(options: VerifyOptions, influxd: Influxd): Promise<Verdict> {
  const overHttp = await verify(options);
  if (options.level !== 'content') return overHttp;
  const stored = await verify({ ...options, snapshot: nativeOf(influxd).url });
  if (overHttp.notCompared.some(({ side }) => side === 'database')) {
    expect(stored.notCompared.filter(({ reason }) => /quer|NUL|several types/.test(reason))).toEqual([]);
  } else expect(inOneOrder(stored)).toEqual(inOneOrder(overHttp));
  return overHttp;
}

/** Leaves out what depends on when it was compared. */
function inOneOrder({ mismatches, differingPoints, comparedFrom: _, ...verdict }: Verdict) {
  const sorted = (all: readonly object[] = []) => all.map((one) => inspect(one, { depth: 3, sorted: true })).sort();
  return { ...verdict, mismatches: sorted(mismatches), differingPoints: sorted(differingPoints) };
}
