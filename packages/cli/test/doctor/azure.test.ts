import { expect, it } from 'vitest';
import { examine, azureFile as file, startAzure, azureUrlOf as urlOf } from './support';

it('finds nothing wrong with a signature that may create and nothing else, and touches nothing but canaries', async () => {
  const fake = await startAzure('c');
  const report = await examine(urlOf(fake));
  expect(report).toMatchObject({ isGood: true, kinds: [], untested: [], exitCode: 0 });
  expect(report.canaries).toHaveLength(2);
  const canaries = report.canaries.map((key) => `eu/${key}`).sort();
  expect(fake.bucket().names()).toEqual([file, ...canaries]);
  const touched = fake.log.filter(({ blob }) => blob !== '');
  expect(touched.filter(({ blob, method }) => !blob.startsWith('eu/~doctor/') || method === 'Other')).toEqual([]);
  const creates = fake.log.filter(({ method, headers }) => method === 'PutBlob' && headers['if-none-match'] === '*');
  expect(creates).toHaveLength(1 + 1 + 8);
  expect(fake.log.filter(({ method }) => method === 'DeleteBlob').map(({ status }) => status)).toEqual([403]);
});

it.each<[string, string, readonly string[]]>([
  ['overwriting is allowed', 'cw', ['overwrite-allowed']],
  ['deleting is allowed', 'cd', ['delete-allowed']],
  ['listing is allowed', 'cl', ['list-allowed']],
  ['reading is allowed', 'cr', ['reads-own']],
  ['everything is allowed', 'crwdl', ['overwrite-allowed', 'delete-allowed', 'list-allowed', 'read-allowed']],
  ['creating is denied', 'rl', ['create-denied', 'list-allowed', 'read-allowed']],
])('says it if %s', async (_what, permissions, kinds) => {
  const fake = await startAzure(permissions);
  const report = await examine(urlOf(fake));
  expect(report).toMatchObject({ kinds, isGood: false, exitCode: 4 });
  for (const { remedy } of report.findings) expect(remedy).toContain('ceres policy azure --bucket test-container');
  expect(fake.bucket().get(file)?.generation).toBe(1);
});

it('says that the clocks differ, and that the container is missing', async () => {
  const late = await startAzure('c', { now: () => Date.now() - 120_000 });
  expect(await examine(urlOf(late))).toMatchObject({ kinds: ['clock-skew'], exitCode: 4 });
  const missing = await examine(urlOf(late, 'other-container'));
  expect(missing).toMatchObject({ kinds: ['missing-bucket', 'clock-skew'], canaries: [], exitCode: 4 });
  expect(late.log.filter(({ method }) => method === 'DeleteBlob')).toHaveLength(1);
});

it('counts a canary that a policy of immutability keeps as one that is safe', async () => {
  const fake = await startAzure('cwd');
  const code = 'BlobImmutableDueToPolicy';
  fake.inject({ kind: 'status', status: 409, code, on: 'DeleteBlob' });
  expect((await examine(urlOf(fake))).kinds).toEqual(['overwrite-allowed']);
});

it.each<[string, string, readonly string[]]>([
  ['lists and reads, and nothing else', 'rl', []],
  ['may not list', 'r', ['list-denied']],
  ['may not read', 'l', ['read-denied']],
  ['may do everything', 'crwdl', ['create-allowed', 'overwrite-allowed', 'delete-allowed']],
])('with --reader, judges a signature that %s', async (_what, permissions, kinds) => {
  const fake = await startAzure(permissions);
  expect((await examine(urlOf(fake), '--reader')).kinds).toEqual(kinds);
});
