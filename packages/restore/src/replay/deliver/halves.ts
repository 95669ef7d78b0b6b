import type { Body, BodyPart } from '../route/body';
import { BodyRecords } from './body-records';

/** A body of at least two records as two, in the same order. */
export function halves(body: Body): readonly [Body, Body] {
  const records = new BodyRecords(body);
  const middle = Math.ceil(records.length / 2);
  const middleBytes = records.startOf(middle);
  const first: BodyPart[] = [];
  const second: BodyPart[] = [];
  let n = 0;
  for (const { file, endBytes, records: count } of body.parts) {
    const before = Math.min(count, Math.max(0, middle - n));
    if (before > 0) first.push({ file, endBytes: Math.min(endBytes, middleBytes), records: before });
    if (before < count) second.push({ file, endBytes: endBytes - middleBytes, records: count - before });
    n += count;
  }
  const { to, bytes } = body;
  return [
    { to, bytes: bytes.subarray(0, middleBytes), records: middle, parts: first },
    { to, bytes: bytes.subarray(middleBytes), records: records.length - middle, parts: second },
  ];
}
