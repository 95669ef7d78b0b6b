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

/** Takes all places of strangers, from many addresses. */
function fill(hashes: SlowHashes): void {
  for (let n = 0; n < 65; n += 1) void hashes.ofStranger(secretOf(`stranger ${n}`), `10.0.0.${n % 9}`);
}

it('strangers who fill their places keep no credential out that InfluxDB accepts, and its hash is made next', async () => {
  const { hashes, hashed, endNext } = heldHashes();
  fill(hashes);
  await expect(hashes.ofStranger(secretOf('one more'), '10.0.1.1')).rejects.toThrow(TooManyHashes);
  const accepted = hashes.ofAccepted(secretOf('ingest'));
  await endNext();
  expect(hashed).toEqual(['secret of stranger 0', 'secret of ingest']);
  await endNext();
  expect(Buffer.from(await accepted, 'base64').toString()).toBe('secret of ingest');
});

it('a credential that is known to work is hashed once, however many strangers came after it', async () => {
  const hashed: string[] = [];
  const hashes = new SlowHashes(async (secret) => {
    hashed.push(secret);
    return Buffer.from(secret);
  });
  await hashes.ofAccepted(secretOf('accepted'));
  await hashes.ofStranger(secretOf('proven'), '10.0.0.1');
  hashes.prove('proven');
  for (let n = 0; n < 10_001; n += 1) await hashes.ofStranger(secretOf(`stranger ${n}`), '10.0.0.1');
  for (const id of ['accepted', 'proven', 'stranger 0']) await hashes.ofStranger(secretOf(id), '10.0.0.1');
  expect(hashed.slice(10_003)).toEqual(['secret of stranger 0']); // The first of the strangers was forgotten.
});

it('strangers of one address leave places to others', async () => {
  const { hashes } = heldHashes();
  for (let n = 0; n < 9; n += 1) void hashes.ofStranger(secretOf(`stranger ${n}`), '10.0.0.1'); // One of them is being hashed.
  await expect(hashes.ofStranger(secretOf('10th'), '10.0.0.1')).rejects.toThrow(TooManyHashes);
  void hashes.ofStranger(secretOf('another'), '10.0.0.2');
  await expect(hashes.ofStranger(secretOf('11th'), '10.0.0.1')).rejects.toThrow(TooManyHashes);
});
