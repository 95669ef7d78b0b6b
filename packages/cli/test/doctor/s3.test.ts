import { type FakeS3, type S3Policy, s3Policies } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { ceres } from '../support/in-process';
import { examine, startS3, urlOf } from './support';

const allow = (...actions: readonly string[]): S3Policy => ({
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});
const noPolicy = { Statement: [] };

/** The objects of a bucket that are no canaries, with how often each was written. */
const others = (fake: FakeS3) =>
  fake
    .bucket()
    .names()
    .filter((name) => !name.startsWith('eu/~doctor/'))
    .map((name) => [name, fake.bucket().get(name)?.generation]);

it('finds nothing wrong with a bucket in which the writer may create and nothing else, and touches nothing but canaries', async () => {
  const fake = await startS3();
  fake.bucket().seed(['eu/influxdb-0/db/rp/20240101/a.gz', 'eu/~heartbeat/x', 'other/k']);
  const before = others(fake);
  const report = await examine(urlOf(fake));
  expect(report).toMatchObject({ isGood: true, kinds: [], accepted: [], untested: [], role: 'writer', exitCode: 0 });
  expect(others(fake)).toEqual(before);
  const touched = fake.log.filter(({ object, method }) => object !== '' && method !== 'Other');
  expect(touched.filter(({ object }) => !object.startsWith('eu/~doctor/'))).toEqual([]);
  const canaries = fake
    .bucket()
    .names()
    .filter((name) => name.startsWith('eu/~doctor/'));
  expect(canaries).toEqual(report.canaries.map((key) => `eu/${key}`).sort());
  expect(canaries).toHaveLength(2);
  const creates = fake.log.filter(({ method, headers }) => method === 'PutObject' && headers['if-none-match'] === '*');
  expect(creates).toHaveLength(1 + 1 + 8);
  expect(fake.log.filter(({ method }) => method === 'DeleteObject').map(({ status }) => status)).toEqual([403]);
});

it.each<[string, Parameters<typeof startS3>, readonly string[]]>([
  ['overwriting is allowed', [{}, noPolicy], ['overwrite-allowed']],
  ['deleting is allowed', [{ policy: allow('s3:PutObject', 's3:DeleteObject') }], ['delete-allowed']],
  ['listing is allowed', [{ policy: allow('s3:PutObject', 's3:ListBucket') }], ['list-allowed']],
  ['reading is allowed', [{ policy: allow('s3:PutObject', 's3:GetObject') }], ['reads-own']],
  [
    'reading and listing are',
    [{ policy: allow('s3:PutObject', 's3:Get*', 's3:List*') }],
    ['list-allowed', 'read-allowed'],
  ],
  ['creating is denied', [{ policy: s3Policies.reader }], ['create-denied', 'list-allowed', 'read-allowed']],
  [
    'a put cannot be conditional',
    [{ conditionalWrites: 'refused' }, noPolicy],
    ['no-conditional-writes', 'overwrite-allowed'],
  ],
  ['conditions are ignored', [{ conditionalWrites: 'ignored' }], ['conditional-writes-ignored']],
  ['races are lost', [{ conditionalWrites: 'racy' }], ['races-lost']],
  ['the clocks differ by 20 minutes', [{ now: () => Date.now() - 1_200_000 }], ['clock-skew']],
  ['the clocks differ by 2 minutes', [{ now: () => Date.now() + 120_000 }], ['clock-skew']],
])('says it if %s', async (_what, start, kinds) => {
  const fake = await startS3(...start);
  fake.bucket().seed(['eu/influxdb-0/db/rp/20240101/a.gz']);
  const report = await examine(urlOf(fake));
  expect(report.kinds).toEqual(kinds);
  expect(report).toMatchObject({ isGood: false, exitCode: 4, untested: [] });
  expect(others(fake)).toEqual([['eu/influxdb-0/db/rp/20240101/a.gz', 1]]);
});

it('says that a bucket keeps versions, if its store then ignores the condition', async () => {
  const fake = await startS3({ conditionalWrites: 'ignored', keepsVersions: true }, noPolicy);
  const { kinds, findings } = await examine(urlOf(fake));
  expect(kinds).toEqual(['conditional-writes-ignored', 'overwrite-allowed']);
  expect(findings[0]).toMatchObject({
    reason: expect.stringContaining('keeps versions'),
    remedy: expect.stringContaining('without versioning'),
  });
});

it('says that the bucket is in another region, or missing, and tries nothing more', async () => {
  const fake = await startS3({ region: 'eu-central-1' });
  const elsewhere = await examine(urlOf(fake, 'test-bucket', 'us-east-1'));
  expect(elsewhere).toMatchObject({ kinds: ['wrong-region'], canaries: [], exitCode: 4 });
  expect(elsewhere.findings[0]?.reason).toContain("expecting 'eu-central-1'");
  expect(elsewhere.findings[0]?.remedy).toContain('?region=');
  const missing = await examine(urlOf(fake, 'other-bucket'));
  expect(missing).toMatchObject({ kinds: ['missing-bucket'], canaries: [], exitCode: 4 });
  expect(fake.log.filter(({ method }) => method === 'DeleteObject')).toEqual([]);
});

it('names the remedy: the policies of this bucket and prefix', async () => {
  const fake = await startS3({}, noPolicy);
  const { stdout, exitCode } = await ceres(['doctor', urlOf(fake)]);
  const text = stdout.replaceAll(/\s+/g, ' ');
  expect(text).toContain('overwrite-allowed: An upload without a condition was accepted');
  expect(text).toContain('ceres policy s3 --bucket test-bucket --prefix eu');
  expect(text).toContain('known? --accept overwrite-allowed');
  expect(exitCode).toBe(4);
});

it('does not count a finding that is known', async () => {
  const fake = await startS3({ policy: allow('s3:PutObject', 's3:GetObject') });
  const report = await examine(urlOf(fake), '--accept', 'reads-own');
  expect(report).toMatchObject({ isGood: true, accepted: ['reads-own'], kinds: [], exitCode: 0 });
  const { exitCode, stderr } = await ceres(['doctor', urlOf(fake), '--accept', 'reads-owl']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("got 'reads-owl'")]);
});

it('tries again what fails for a moment, and is not misled by a reply that was lost', async () => {
  const fake = await startS3();
  fake.inject({ kind: 'status', status: 503, code: 'SlowDown', on: 'PutObject' });
  fake.inject({ kind: 'lose-reply', on: 'PutObject' });
  expect((await examine(urlOf(fake))).kinds).toEqual([]);
});

it('fails if the store does not answer, instead of judging it', async () => {
  const url = urlOf(await startS3()).replace(/:\d+/, ':1');
  const { exitCode, stdout, stderr } = await ceres(['doctor', url]);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('ECONNREFUSED');
});

it('with --reader, finds nothing wrong with a credential that lists and reads', async () => {
  const fake = await startS3({ policy: s3Policies.reader });
  fake.bucket().seed(['eu/influxdb-0/db/rp/20240101/a.gz']);
  expect(await examine(urlOf(fake), '--reader')).toMatchObject({ kinds: [], untested: [], canaries: [], exitCode: 0 });
});

it('with --reader, says what cannot be tried on an empty bucket', async () => {
  const fake = await startS3({ policy: s3Policies.reader });
  const { kinds, untested } = await examine(urlOf(fake), '--reader');
  expect([kinds, untested]).toEqual([[], ['reading: there is no file yet']]);
});

it.each([
  ['may not list', allow('s3:GetObject'), ['list-denied']],
  ['may not read', allow('s3:ListBucket'), ['read-denied']],
  ['may create', allow('s3:GetObject', 's3:ListBucket', 's3:PutObject'), ['create-allowed']],
  ['may delete', allow('s3:GetObject', 's3:ListBucket', 's3:DeleteObject'), ['delete-allowed']],
])('with --reader, says that it %s', async (_what, policy, kinds) => {
  const fake = await startS3({ policy });
  fake.bucket().seed(['eu/influxdb-0/db/rp/20240101/a.gz']);
  expect((await examine(urlOf(fake), '--reader')).kinds).toEqual(kinds);
});
