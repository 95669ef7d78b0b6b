import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkCertificate } from '../../src/certificate/check-certificate';

const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
const drills = readFileSync(new URL('../../../../docs/drills.md', import.meta.url), 'utf8');

it('the certificate that the README shows is one: whole, signed, and of the drill whose output docs/drills.md shows', () => {
  const [, text = ''] = /^```json\n(\{\n {2}"format": "ceres-drill",.*?)^```$/ms.exec(readme) ?? [];
  const { certificate, signedBy } = checkCertificate(text);
  expect([certificate.verdict, signedBy]).toEqual(['PASS', expect.stringMatching(/^SHA256:/)]);
  expect(drills).toContain(`up to: ${certificate.restored.newest}`);
  expect(drills).toContain(`/${certificate.id}.json\nPASS`);
});
