import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { superlinear } from '@ceres/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from '../../src/certificate/check-certificate';
import { misfitOf } from '../../src/certificate/schema';
import { certify, readPrivateKey } from '../../src/certificate/signature';
import { drillOf, privatePem, publicPem, signingKey } from '../support/certificate';

const signed = certify(drillOf(), signingKey);
const text = JSON.stringify(signed, undefined, 2);
const codeOf = (given: string, publicKey?: string) => {
  try {
    checkCertificate(given, publicKey === undefined ? {} : { publicKey });
    return 'good';
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
};

/** Yields each way to another value in a JSON value, one for each member and item. */
function* alterations(value: unknown): Generator<unknown> {
  if (typeof value === 'string') yield `${value}x`;
  else if (typeof value === 'number') yield value + 1;
  else if (value === null) yield 'x';
  else if (Array.isArray(value)) {
    yield [...value, 'x'];
    for (const [i, item] of value.entries()) for (const other of alterations(item)) yield value.with(i, other);
  } else if (typeof value === 'object') {
    for (const [name, member] of Object.entries(value)) {
      for (const other of alterations(member)) yield { ...value, [name]: other };
      const { [name]: _, ...rest } = value as Record<string, unknown>;
      yield rest;
    }
  }
}

describe('a certificate', () => {
  it('is believed with the key that signed it, which is named', () => {
    expect(checkCertificate(text, { publicKey: publicPem })).toMatchObject({
      certificate: { verdict: 'PASS' },
      isTrusted: true,
      signedBy: expect.stringMatching(/^SHA256:[0-9a-f]{64}$/),
    });
    expect(checkCertificate(text)).toMatchObject({ isTrusted: false });
    expect(codeOf(text, privatePem)).toBe('good'); // a private key has the public one in it
  });

  it('is good however it is formatted, and in whichever order its members stand', () => {
    expect(codeOf(JSON.stringify(signed), publicPem)).toBe('good');
    expect(
      codeOf(JSON.stringify(Object.fromEntries(Object.entries(signed).reverse()), undefined, '\t'), publicPem),
    ).toBe('good');
  });

  it('is refused with any one of its values altered, added or removed', () => {
    let count = 0;
    for (const other of alterations(signed)) {
      expect(['CERTIFICATE_ALTERED', 'CERTIFICATE_INVALID']).toContain(codeOf(JSON.stringify(other)));
      count += 1;
    }
    expect(count).toBeGreaterThan(120);
  });

  it('is refused if a member stands there twice, of which other programs read the other one', () => {
    const twice = text.replace('"verdict": "PASS"', '"verdict": "FAIL",\n  "verdict": "PASS"');
    expect(JSON.parse(twice)).toEqual(signed);
    expect(codeOf(twice)).toBe('CERTIFICATE_ALTERED');
  });

  it('is refused with another digest, even if that is the one of its content: the signature is not of it', () => {
    const { digest: _, signature: __, ...drill } = signed;
    const forged = { ...certify({ ...drill, verdict: 'FAIL' }, undefined), signature: signed.signature };
    expect(codeOf(JSON.stringify(forged))).toBe('CERTIFICATE_ALTERED');
  });

  it('is refused if another key signed it, and if none did', () => {
    const other = certify(drillOf(), generateKeyPairSync('ed25519').privateKey);
    expect(codeOf(JSON.stringify(other), publicPem)).toBe('CERTIFICATE_OTHER_KEY');
    const unsigned = JSON.stringify(certify(drillOf(), undefined));
    expect([codeOf(unsigned), codeOf(unsigned, publicPem)]).toEqual(['good', 'CERTIFICATE_UNSIGNED']);
  });

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['another JSON', '[]', '/ is not as in the schema'],
    ['null', 'null', '/ is not as in the schema'],
    ['a later version', text.replace('"version": 1', '"version": 2'), 'update Ceres'],
    ['a member of another kind', text.replace('"files": 4', '"files": "4"'), '/restored/files is not as in the schema'],
    [
      'an unknown member',
      text.replace('"files": 4', '"files": 4, "more": 1'),
      '/restored/more is not as in the schema',
    ],
    ['a signature of another kind', text.replace('Ed25519', 'RSA'), '/signature/algorithm'],
  ])('is refused if it is %s', (_what, given, message) => {
    expect(() => checkCertificate(given)).toThrow(message);
  });

  it.each([
    ['no key', 'secret'],
    [
      'an RSA key',
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('is not signed with %s, and the message does not show it', (_what, pem) => {
    expect(() => readPrivateKey(pem)).toThrow(/Expected `signingKey` to be a key of Ed25519 in PEM/);
    expect(() => readPrivateKey(pem)).not.toThrow(pem.split('\n')[1] ?? pem);
  });

  it('is checked in a time that grows with its size, and no faster', async () => {
    const units = ['\\"', ' ', '","', '"],"reasons":["'];
    const work = units.map((unit) => ({
      name: unit,
      prepare: (size: number) => {
        const hostile = text.replace('"reasons": []', () => `"reasons": ["${unit.repeat(size / unit.length)}"]`);
        return () => codeOf(hostile);
      },
    }));
    expect(await superlinear(work)).toEqual([]);
  });
});

describe('the published schema', () => {
  const schema = JSON.parse(readFileSync(new URL('../../certificate.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

  it('accepts what drills certify, and what it refuses, so do we', () => {
    expect(validate(signed)).toBe(true);
    for (const other of alterations(signed)) expect(misfitOf(other) === undefined).toBe(validate(other));
  });
});
