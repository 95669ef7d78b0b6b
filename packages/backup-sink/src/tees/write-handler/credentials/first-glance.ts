import { createHmac } from 'node:crypto';
import type { Credential } from './credential';

/** What is kept of a credential beside its slow hash, to tell most strangers from it without one. */
export interface FirstGlance {
  /** A salted hash of the user's name; that of an empty one where the credential has none. */
  readonly user: string;
  /** Six bits of a salted hash of the credential: who steals the file can leave out 63 of 64 guesses before the slow hash, and no more. */
  readonly mark: number;
}

const markValues = 64;
const userBytes = 12;

/** Returns what is seen of a credential at a first glance. */
export function glanceAt({ user = '', secret }: Credential, salt: Buffer): FirstGlance {
  const hash = (what: string, text: string) =>
    createHmac('sha256', salt)
      .update(JSON.stringify([what, text]))
      .digest();
  return {
    user: hash('user', user).toString('base64url', 0, userBytes),
    mark: (hash('mark', secret)[0] as number) % markValues, // A hash has 32 bytes.
  };
}
