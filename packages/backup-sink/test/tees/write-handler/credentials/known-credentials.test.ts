import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { internalsOf, type SinkInternals } from '../../../../src/internals';
import type { Credential } from '../../../../src/tees/write-handler/credentials/credential';
import { glanceAt } from '../../../../src/tees/write-handler/credentials/first-glance';
import { KnownCredentials } from '../../../../src/tees/write-handler/credentials/known-credentials';
import { openSink } from '../../../sink-harness';

const day = 86_400_000;

function credentialOf(user: string | undefined, password: string): Credential {
  return { secret: JSON.stringify([user, password]), user, isAnonymous: false, expiresMs: Infinity };
}

/** Returns what a handler knows after it was started again, when InfluxDB had accepted some credentials. */
async function restarted(...accepted: Credential[]): Promise<{ known: KnownCredentials; file: string }> {
  const { sink, spoolDir } = await openSink();
  const internals = internalsOf(sink) as SinkInternals; // It is a sink of this process.
  const before = new KnownCredentials(internals);
  for (const one of accepted) before.remember(one, 'i', 'db');
  const path = join(spoolDir, '~spool', 'credentials.json');
  const file = await vi.waitFor(
    async () => {
      const text = await readFile(path, 'utf8');
      expect(JSON.parse(text).known).toHaveLength(accepted.length);
      return text;
    },
    { timeout: 60_000, interval: 20 },
  );
  return { known: new KnownCredentials(internals), file };
}

it('strangers from many addresses, while InfluxDB is away after a restart, keep no known client out', {
  timeout: 60_000,
}, async () => {
  const ingest = credentialOf('ingest', 'good');
  const token: Credential = { ...credentialOf(undefined, 'token'), user: undefined };
  const { known } = await restarted(ingest, token);
  const ask = (one: Credential, n: number) => known.isKnown(one, 'i', 'db', day, `10.0.${n % 200}.1`);
  const strangers = Array.from({ length: 600 }, (_, n) => ask(credentialOf(`user ${n}`, 'guessed'), n));
  const guesses = Array.from({ length: 600 }, (_, n) => ask(credentialOf('ingest', `guess ${n}`), n));
  expect(await ask(ingest, 7)).toBe(true);
  expect(await ask(token, 7)).toBe(true);
  expect(new Set(await Promise.all([...strangers, ...guesses]))).toEqual(new Set([false]));
});

it('what is kept of a credential to tell strangers from it is six bits of it, and no name', {
  timeout: 60_000,
}, async () => {
  const salt = Buffer.alloc(16, 1);
  const marks = new Set(Array.from({ length: 2_000 }, (_, n) => glanceAt(credentialOf('ingest', `${n}`), salt).mark));
  expect([Math.min(...marks), Math.max(...marks), marks.size]).toEqual([0, 63, 64]);
  const [one, other] = [glanceAt(credentialOf('ingest', 'a'), salt), glanceAt(credentialOf('ingest', 'b'), salt)];
  expect(one.user).toBe(other.user);
  expect(glanceAt(credentialOf('ingest', 'a'), Buffer.alloc(16, 2)).user).not.toBe(one.user);
  const { file } = await restarted(credentialOf('ingest', 'good'));
  expect(file).not.toMatch(/ingest|good/);
});
