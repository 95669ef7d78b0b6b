import type { FileFinding } from '../read/finding';
import type { DoneFile } from './done-files';

/** A line of a journal for a file that was left out because it is damaged. Times are texts: JSON has no int64. */
export interface SetAside extends Omit<FileFinding, 'name' | 'key' | 'first' | 'last'> {
  readonly setAside: string;
  readonly first?: string;
  readonly last?: string;
}

export function formatSetAside(key: string, { name: _, key: _key, first, last, ...finding }: FileFinding): SetAside {
  return {
    setAside: key,
    ...finding,
    ...(first !== undefined && { first: String(first) }),
    ...(last !== undefined && { last: String(last) }),
  };
}

export function parseSetAside({ setAside: key, first, last, ...finding }: SetAside): DoneFile {
  const times = {
    ...(first !== undefined && { first: BigInt(first) }),
    ...(last !== undefined && { last: BigInt(last) }),
  };
  return { key, lines: 0, expired: 0, rejected: 0, damage: { name: key, key, ...finding, ...times } };
}
