import { expect, it } from 'vitest';
import { SlowHashes, TooManyHashes } from '../../../../src/tees/write-handler/credentials/slow-hashes';

const salt = Buffer.alloc(16);
const secretOf = (id: string) => ({ id, secret: `secret of ${id}`, salt });

/** Hashes of which each ends when the test says so; `hashed` are the secrets in their order. */
function heldHashes() {
  const hashed: string[] = [];
  const ends: (() => void)[] = [];
  const hashes = new SlowHashes(async (secret) => {
    hashed.push(secret);
    await new Promise<void>((resolve) => ends.push(resolve));
    return Buffer.from(secret);
  });
  const endNext = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { hashes, hashed, endNext };
}

/** Says whether a hash is refused at once. */
function isTurnedAway(hash: Promise<string>): Promise<boolean> {
  const refused = hash.then(
    () => false,
    (error: unknown) => error instanceof TooManyHashes,
  );
  return Promise.race([refused, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
}

function onlyTooMany(error: unknown): void {
  expect(error).toBeInstanceOf(TooManyHashes);
}

/** Takes all places of strangers under a user's name, from many addresses. */
function fill(hashes: SlowHashes, user: string): void {
  for (let n = 0; n < 65; n += 1)
    void hashes.ofStranger(secretOf(`${user} of stranger ${n}`), `10.0.0.${n % 9}`, user).catch(onlyTooMany);
}

it('strangers who fill their places keep no credential out that InfluxDB accepts, and its hash is made next', async () => {
  const { hashes, hashed, endNext } = heldHashes();
  fill(hashes, 'name');
  expect(await isTurnedAway(hashes.ofStranger(secretOf('one more'), '10.0.1.1', 'name'))).toBe(true);
  const accepted = hashes.ofAccepted(secretOf('ingest'));
  await endNext();
  expect(hashed).toEqual(['secret of name of stranger 0', 'secret of ingest']);
  await endNext();
  expect(Buffer.from(await accepted, 'base64').toString()).toBe('secret of ingest');
});

it('strangers who fill the places of one name keep out no one under another, who waits for one of them at the most', async () => {
  const { hashes, hashed, endNext } = heldHashes();
  fill(hashes, 'name');
  const other = hashes.ofStranger(secretOf('other'), '10.0.1.1', 'other name');
  for (let n = 0; n < 3; n += 1) await endNext();
  expect(hashed.slice(0, 3)).toContain('secret of other');
  expect(Buffer.from(await other, 'base64').toString()).toBe('secret of other');
});

it('a credential that is known to work is hashed once, however many strangers came after it', async () => {
  const hashed: string[] = [];
  const hashes = new SlowHashes(async (secret) => {
    hashed.push(secret);
    return Buffer.from(secret);
  });
  await hashes.ofAccepted(secretOf('accepted'));
  await hashes.ofStranger(secretOf('proven'), '10.0.0.1', 'name');
  hashes.prove('proven');
  for (let n = 0; n < 10_001; n += 1) await hashes.ofStranger(secretOf(`stranger ${n}`), '10.0.0.1', 'name');
  for (const id of ['accepted', 'proven', 'stranger 0']) await hashes.ofStranger(secretOf(id), '10.0.0.1', 'name');
  expect(hashed.slice(10_003)).toEqual(['secret of stranger 0']); // The first of the strangers was forgotten.
});

it('strangers of one address leave places to others', async () => {
  const { hashes } = heldHashes();
  for (let n = 0; n < 9; n += 1) void hashes.ofStranger(secretOf(`stranger ${n}`), '10.0.0.1', 'name'); // One of them is being hashed.
  expect(await isTurnedAway(hashes.ofStranger(secretOf('10th'), '10.0.0.1', 'name'))).toBe(true);
  expect(await isTurnedAway(hashes.ofStranger(secretOf('another'), '10.0.0.2', 'name'))).toBe(false);
  expect(await isTurnedAway(hashes.ofStranger(secretOf('11th'), '10.0.0.1', 'name'))).toBe(true);
});
