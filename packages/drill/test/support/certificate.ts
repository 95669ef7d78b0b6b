import { generateKeyPairSync } from 'node:crypto';
import type { Certificate, CertifiedDrill } from '../../src/certificate/certificate';
import { certify } from '../../src/certificate/signature';

const keys = generateKeyPairSync('ed25519');
export const signingKey = keys.privateKey;
export const publicPem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
export const privatePem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const machine = { cpu: 'Test CPU', cores: 2, memoryBytes: 8e9, platform: 'linux', arch: 'x64' };

/** Returns what a drill says that restored a million lines in ten seconds. */
export function drillOf(more: Partial<CertifiedDrill> = {}): CertifiedDrill {
  return {
    format: 'ceres-drill',
    version: 1,
    id: '161f0afa-751e-4f46-9711-a68d260407d3',
    instance: 'influxdb-0',
    verdict: 'PASS',
    reasons: [],
    began: '2026-11-01T00:00:00.000Z',
    ended: '2026-11-01T00:01:00.000Z',
    restored: {
      plan: '06eb2cbbf8980df5',
      newest: 'influxdb-0/db_0/rp_5d/20261101/01a22c8f-2cc0-7acb-8bde-ef7641de0276.gz',
      files: 4,
      bytes: 50_000_000,
      lines: 1_000_000,
      partitions: [{ database: 'db_0', retentionPolicy: 'rp_5d', files: 4, bytes: 50_000_000 }],
      sample: null,
    },
    whole: { files: 4, bytes: 50_000_000, lines: 1_000_000 },
    verified: {
      level: 'content',
      by: 'snapshot',
      outcome: 'EQUAL',
      points: 1_000_000,
      contents: [{ database: 'db_0', retentionPolicy: 'rp_5d', points: 1_000_000, digest: '0'.repeat(64) }],
    },
    ledgers: { sinks: 1, seeds: 0, findings: [], accepted: [] },
    dataAtRisk: { storedUpTo: '2026-10-31T23:59:00.000Z', seconds: 60, openFiles: 1, spooledFiles: 0, refusedFiles: 0 },
    recovery: { route: 'native', seconds: 10, forecast: { withheld: 'a test' } },
    seconds: { restore: 10, total: 60 },
    versions: { ceres: '0.1.0', node: '20.20.2', influxdb: '1.8.10' },
    machine,
    ...more,
  };
}

/** Returns the certificate of a drill that restored `lines` in `seconds`. */
export function timed(lines: number, seconds: number, more: Partial<CertifiedDrill> = {}): Certificate {
  const drill = drillOf(more);
  return certify(
    {
      ...drill,
      restored: { ...drill.restored, lines, bytes: lines * 50 },
      recovery: { route: 'native', seconds, forecast: { withheld: 'a test' }, ...more.recovery },
    },
    undefined,
  );
}

export const testMachine: CertifiedDrill['machine'] = machine;
