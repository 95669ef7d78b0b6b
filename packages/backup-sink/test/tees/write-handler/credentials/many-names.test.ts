import { expect, it } from 'vitest';
import { internalsOf } from '../../../../src/internals';
import type { Credential } from '../../../../src/tees/write-handler/credentials/credential';
import { knownCredentialsOf } from '../../../../src/tees/write-handler/credentials/known-credentials';
import { openSink } from '../../../sink-harness';

it('a credential and a database are known by a short name of their own, however long both are', async () => {
  const { sink } = await openSink();
  const internals = internalsOf(sink);
  if (internals === undefined) throw new Error('A sink of this process has internals.');
  const known = knownCredentialsOf(internals);
  const idOf = (secret: string, database?: string) => {
    const credential: Credential = { secret, user: undefined, isAnonymous: false, expiresMs: Infinity };
    return known.idOf(credential, database);
  };
  const ids = ['a', 's'.repeat(100_000)].flatMap((secret) =>
    [undefined, 'db', 'd'.repeat(100_000)].map((database) => idOf(secret, database)),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.max(...ids.map((id) => id.length))).toBeLessThan(50);
  expect(idOf('a', 'db')).toBe(idOf('a', 'db'));
});
