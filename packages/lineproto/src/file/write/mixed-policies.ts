import { LineSplitter } from '../../scan/line-splitter';
import { isPolicySwitch, readPolicySwitch } from '../header/policy-switch';

/** Returns the policies that the body of a mixed file switches to, each once, in the order of their first records. */
export async function readMixedPolicies(lines: AsyncIterable<Uint8Array>): Promise<string[]> {
  const isMark = (comment: Buffer) => isPolicySwitch(comment.toString('utf8'));
  const splitter = new LineSplitter({ bytesMax: 1024 * 1024, linesMax: Number.MAX_SAFE_INTEGER }, { isMark });
  const policies = new Set<string>();
  for await (const chunk of lines) {
    for (const { mark } of splitter.push(chunk)) {
      const policy = mark === undefined ? undefined : readPolicySwitch(mark);
      if (policy !== undefined) policies.add(policy);
    }
  }
  return [...policies];
}
