import { FakeGcs, type GcsPermission, gcsRoles } from '@ceres/testkit';
import { expect, it, onTestFinished, vi } from 'vitest';
import { examine } from './support';

const url = 'gs://test-bucket/eu';
const create = 'storage.objects.create' as const;

/** Starts a bucket that Google's library finds by itself. */
async function startGcs(permissions: readonly GcsPermission[]): Promise<FakeGcs> {
  const fake = await FakeGcs.start({ permissions });
  vi.stubEnv('STORAGE_EMULATOR_HOST', fake.url);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await fake.close();
  });
  fake.bucket().seed(['eu/influxdb-0/db/rp/20240101/a.gz']);
  return fake;
}

it('finds nothing wrong with a writer that may create and nothing else, and touches nothing but canaries', async () => {
  const fake = await startGcs(gcsRoles.objectCreator);
  const report = await examine(url);
  expect(report).toMatchObject({ isGood: true, kinds: [], untested: [], exitCode: 0 });
  expect(report.canaries).toHaveLength(2);
  expect(fake.bucket().names()).toEqual(
    ['influxdb-0/db/rp/20240101/a.gz', ...[...report.canaries].sort()].map((key) => `eu/${key}`),
  );
  const touched = fake.log.filter(({ object, method }) => object !== '' && method !== 'other');
  expect(touched.filter(({ object }) => !object.startsWith('eu/~doctor/'))).toEqual([]);
  expect(fake.log.filter(({ method }) => method === 'objects.delete').map(({ status }) => status)).toEqual([403]);
});

it.each<[string, readonly GcsPermission[], readonly string[]]>([
  // Google asks for one right for both.
  ['overwriting and deleting are allowed', [create, 'storage.objects.delete'], ['overwrite-allowed', 'delete-allowed']],
  ['listing is allowed', [create, 'storage.objects.list'], ['list-allowed']],
  ['reading is allowed', [create, 'storage.objects.get'], ['reads-own']],
  ['everything is allowed', gcsRoles.admin, ['overwrite-allowed', 'delete-allowed', 'list-allowed', 'read-allowed']],
  ['creating is denied', [], ['create-denied']],
])('says it if %s', async (_what, permissions, kinds) => {
  const fake = await startGcs(permissions);
  const report = await examine(url);
  expect(report).toMatchObject({ kinds, isGood: false, exitCode: 4 });
  for (const { remedy } of report.findings)
    expect(remedy).toContain('ceres policy gcs --bucket test-bucket --prefix eu');
  expect(fake.bucket().get('eu/influxdb-0/db/rp/20240101/a.gz')?.generation).toBe(1);
});

it('says that the bucket is missing', async () => {
  await startGcs(gcsRoles.objectCreator);
  expect(await examine('gs://other-bucket')).toMatchObject({ kinds: ['missing-bucket'], canaries: [], exitCode: 4 });
});

it.each<[string, readonly GcsPermission[], readonly string[]]>([
  ['lists and reads, and nothing else', gcsRoles.objectViewer, []],
  ['may not list', ['storage.objects.get'], ['list-denied']],
  ['may not read', ['storage.objects.list'], ['read-denied']],
  ['may do everything', gcsRoles.admin, ['create-allowed', 'overwrite-allowed', 'delete-allowed']],
])('with --reader, judges a credential that %s', async (_what, permissions, kinds) => {
  await startGcs(permissions);
  expect((await examine(url, '--reader')).kinds).toEqual(kinds);
});
