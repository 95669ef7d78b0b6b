import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { DrillError } from '../errors';
import { digestOf } from './canonical';
import type { Certificate, CertifiedDrill, Signature } from './certificate';

/** What the signature is of: the prefix keeps it from being taken for one of something else. */
function signedText(digest: string): Buffer {
  return Buffer.from(`ceres-drill ${digest}`);
}

/** Returns a drill with its digest, and signed if there is a key. */
export function certify(drill: CertifiedDrill, key: KeyObject | undefined): Certificate {
  const digest = digestOf(drill);
  return { ...drill, digest, signature: key === undefined ? null : signatureOf(digest, key) };
}

function signatureOf(digest: string, key: KeyObject): Signature {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
  return { algorithm: 'Ed25519', publicKey, value: sign(null, signedText(digest), key).toString('base64') };
}

/** Returns whether the signature was made of this digest with the private half of the key that it names. */
export function isSignedBy(key: KeyObject, digest: string, { value }: Signature): boolean {
  const bytes = bytesOf(value);
  return bytes !== undefined && verify(null, signedText(digest), key, bytes);
}

/** Returns the key that a signature names; `undefined` if it is none of Ed25519. */
export function keyOf({ publicKey }: Signature): KeyObject | undefined {
  const der = bytesOf(publicKey);
  if (der === undefined) return undefined;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined; // no key at all
  }
}

/** Returns the bytes of a text in base64; `undefined` if it is not how these bytes are written: Node overlooks what does not belong there. */
function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

/** Returns a short name of a public key, as `openssl pkey -pubin -outform DER | sha256sum` shows it. */
export function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(der).digest('hex')}`;
}

/** Reads a private key of Ed25519 from PEM. The message never repeats what it was given. @throws DrillError `INVALID_OPTIONS` */
export function readPrivateKey(pem: string | Uint8Array): KeyObject {
  return readKey('signingKey', () => createPrivateKey(Buffer.from(pem)), 'openssl genpkey -algorithm ed25519');
}

/** Reads a public key of Ed25519 from PEM. A private key stands for its public half. @throws DrillError `INVALID_OPTIONS` */
export function readPublicKey(pem: string | Uint8Array): KeyObject {
  return readKey('publicKey', () => createPublicKey(Buffer.from(pem)), 'openssl pkey -in KEY -pubout');
}

function readKey(name: string, read: () => KeyObject, command: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // The error may show a part of the key.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  const got = key === undefined ? 'something else' : `a key of ${key.asymmetricKeyType}`;
  throw new DrillError(
    'INVALID_OPTIONS',
    `Expected \`${name}\` to be a key of Ed25519 in PEM, as \`${command}\` makes it, got ${got}.`,
  );
}
