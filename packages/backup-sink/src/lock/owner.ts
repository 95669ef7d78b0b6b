import type { ProcessIdentity } from '@ceres/internal';

/** Who owns a spool: one process, once. */
export interface Owner extends ProcessIdentity {
  /** Random, for this ownership. */
  readonly token: string;
  readonly sinceMs: number;
}

/** Returns `undefined` for what names no owner: a lock that was given back, or a file that a crash of the host left empty. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const owner: Partial<Owner> | null = JSON.parse(text);
    const isOwner = typeof owner?.token === 'string' && typeof owner.host === 'string' && typeof owner.pid === 'number';
    return isOwner ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}
