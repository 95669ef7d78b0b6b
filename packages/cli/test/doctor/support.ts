import {
  FakeAzure,
  type FakeAzureOptions,
  FakeS3,
  type FakeS3Options,
  type S3Policy,
  s3Policies,
} from '@ceres/testkit';
import { expect, onTestFinished, vi } from 'vitest';
import type { DoctorReport } from '../../src/actions/doctor/report';
import { ceres } from '../support/in-process';

/** Starts a bucket as it should be, for a writer that may create and nothing else, unless the test says otherwise. */
export async function startS3(
  options: FakeS3Options = {},
  bucketPolicy: S3Policy = s3Policies.createOnly,
): Promise<FakeS3> {
  const fake = await FakeS3.start({ policy: s3Policies.writer, ...options });
  fake.setBucketPolicy(bucketPolicy);
  vi.stubEnv('AWS_ACCESS_KEY_ID', fake.keys.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', fake.keys.secretAccessKey);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await fake.close();
  });
  return fake;
}

export const urlOf = (fake: FakeS3, bucket = 'test-bucket', region = fake.region) =>
  `s3://${bucket}/eu?endpoint=${fake.url}&region=${region}`;

/** The file of the backup in a container that `startAzure` has started. */
export const azureFile = 'eu/influxdb-0/db/rp/20240101/a.gz';

/** Starts a container with a file in it, and gives `ceres` a signature with these permissions. */
export async function startAzure(permissions: string, options: FakeAzureOptions = {}): Promise<FakeAzure> {
  const fake = await FakeAzure.start(options);
  vi.stubEnv('AZURE_STORAGE_SAS_TOKEN', fake.sas(permissions));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await fake.close();
  });
  fake.bucket('test-container').seed([azureFile]);
  return fake;
}

export const azureUrlOf = ({ account, url }: FakeAzure, container = 'test-container') =>
  `azblob://${account}/${container}/eu?endpoint=${url}`;

/** Runs `ceres doctor --json`, and returns its report. */
export async function examine(url: string, ...options: readonly string[]) {
  const { stdout, stderr, exitCode } = await ceres(['doctor', url, '--json', ...options]);
  expect(stderr).toBe('');
  const report: DoctorReport = JSON.parse(stdout);
  return { ...report, exitCode, kinds: report.findings.map(({ kind }) => kind) };
}
