import { DrillError } from '../errors';
import { digestOf, saysOnly } from './canonical';
import type { Certificate } from './certificate';
import { misfitOf } from './schema';
import { fingerprintOf, isSignedBy, keyOf, readPublicKey } from './signature';

/** A certificate whose digest, and signature if it has one, are right. */
export interface CheckedCertificate {
  readonly certificate: Certificate;
  /** Names the key that signed it: the SHA-256 of its SPKI in DER; absent without a signature. */
  readonly signedBy?: string;
  /** True if it was signed by the key that was given. */
  readonly isTrusted: boolean;
}

export interface CheckOptions {
  /** The public key that must have signed it, as PEM. Without it, a signature only says that one key signed all of it. */
  readonly publicKey?: string | Uint8Array;
}

/** The largest text that is read as a certificate: a hundred times that of a thousand policies. */
export const certificateBytesMax = 16 * 1024 * 1024;

/**
 * Checks that a certificate is whole: that its content is what was certified, and which key signed it.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { checkCertificate } from '@ceres/drill';
 *
 * const text = readFileSync('certificate.json', 'utf8');
 * const { certificate } = checkCertificate(text, { publicKey: readFileSync('drills.pub', 'utf8') });
 * console.log(certificate.verdict, certificate.recovery.seconds);
 * ```
 * @throws DrillError `CERTIFICATE_…`; `INVALID_OPTIONS` for a key that is none
 */
export function checkCertificate(text: string, { publicKey }: CheckOptions = {}): CheckedCertificate {
  const wanted = publicKey === undefined ? undefined : readPublicKey(publicKey);
  const certificate = parse(text);
  const { digest, signature, ...drill } = certificate;
  if (digestOf(drill) !== digest || !saysOnly(text, certificate)) throw altered('its content is not what it was');
  if (signature === null) {
    if (wanted === undefined) return { certificate, isTrusted: false };
    const todo = 'Drill with a signing key, or check it without a key: then only accidents are noticed';
    throw new DrillError('CERTIFICATE_UNSIGNED', `The certificate has no signature. ${todo}.`);
  }
  const key = keyOf(signature);
  if (key === undefined || !isSignedBy(key, digest, signature)) throw altered('its signature is not of its content');
  const signedBy = fingerprintOf(key);
  if (wanted === undefined || wanted.equals(key)) return { certificate, signedBy, isTrusted: wanted !== undefined };
  const what = `The certificate was signed by another key (${signedBy}) than the one that is given (${fingerprintOf(wanted)})`;
  throw new DrillError('CERTIFICATE_OTHER_KEY', `${what}. Do not believe it before you know who has that key.`);
}

function parse(text: string): Certificate {
  if (text.length > certificateBytesMax) throw invalid(`it has ${text.length} characters, and none is that long`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  const { format, version } = (parsed ?? {}) as Partial<Record<string, unknown>>;
  if (format === 'ceres-drill' && typeof version === 'number' && version > 1) {
    throw invalid(`it is of version ${version}, and this program knows version 1: update Ceres`);
  }
  const misfit = misfitOf(parsed);
  if (misfit !== undefined) throw invalid(`${misfit} is not as in the schema`);
  return parsed as Certificate;
}

function invalid(why: string): DrillError {
  return new DrillError('CERTIFICATE_INVALID', `This is no certificate of a drill: ${why}.`);
}

function altered(why: string): DrillError {
  const todo = 'Do not believe it: take the one that the drill stored, or drill again';
  return new DrillError('CERTIFICATE_ALTERED', `The certificate was altered: ${why}. ${todo}.`);
}
