import { nanosecondsPer, type Precision } from '@ceres/lineproto';

/** For messages. */
export const precisionWords = Object.keys(nanosecondsPer).join(', ');

export function isPrecision(word: unknown): word is Precision {
  return typeof word === 'string' && Object.hasOwn(nanosecondsPer, word);
}
