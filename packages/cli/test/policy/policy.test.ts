import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeGcs, type GcsPermission } from '@ceres/testkit';
import { expect, it, onTestFinished, vi } from 'vitest';
import { azureUrlOf, examine, startAzure } from '../doctor/support';
import { ceres } from '../support/in-process';
import { documentsIn, own } from './support';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

async function policiesOf(store: string, ...options: readonly string[]) {
  const argv = ['policy', store, '--bucket', 'test-bucket', ...options];
  const documents = JSON.parse((await ceres([...argv, '--json'])).stdout);
  return { documents, script: (await ceres(argv)).stdout };
}

/** Decides as Google does for a condition that names prefixes: its terms are joined by `||`. */
function allows(expression: string, key: string): boolean {
  const terms = expression.matchAll(/resource\.name\.startsWith\('(.*?)'\)/g);
  return [...terms].some(([, prefix = '']) => `projects/_/buckets/test-bucket/objects/${key}`.startsWith(prefix));
}

it('knows every folder of our own that the code names', () => {
  const sources = execFileSync('git', ['ls-files', '--', 'packages/*/src/*.ts'], { cwd: root, encoding: 'utf8' });
  const named = sources
    .split('\n')
    .filter((path) => path.endsWith('.ts') && !path.startsWith('packages/testkit/'))
    .flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/['"`](~[a-z]+)\b/g)].map(([, name]) => name),
    );
  const stored = [...own('i').map((key) => key.split('/')[0]), '~doctor'];
  // Of a spool, of a folder's unfinished files, and in the place of a retention policy: they are no first part of a stored key.
  const others = ['~spool', '~tmp', '~default', '~mixed'];
  expect([...new Set(named)].sort()).toEqual([...stored, ...others].sort());
});

it('for Google, grants the writer a right to create that covers everything of our own, and no other', async () => {
  const { documents } = await policiesOf('gcs', '--prefix', 'eu', '--instance', 'i 1');
  const fake = await FakeGcs.start({ permissions: documents.writerRole.includedPermissions as GcsPermission[] });
  vi.stubEnv('STORAGE_EMULATOR_HOST', fake.url);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await fake.close();
  });
  expect((await examine('gs://test-bucket/eu')).kinds).toEqual([]);
  const { expression } = documents.writerCondition;
  for (const key of ['i%201/db/rp/1.gz', ...own('i%201'), '~doctor/x'])
    expect(allows(expression, `eu/${key}`)).toBe(true);
  for (const key of ['eu/i/db/rp/1.gz', ...own('j').map((key) => `eu/${key}`), 'i%201/x', 'us/i%201/x']) {
    expect(allows(expression, key)).toBe(false);
  }
});

it('for Google, lets the reader of a prefix list it: a listing is a call on the bucket', async () => {
  const { documents, script } = await policiesOf('gcs', '--prefix', 'eu');
  expect(documents.readerCondition.expression).toContain("objectListPrefix', '').startsWith('eu/')");
  expect(allows(documents.readerCondition.expression, 'eu/k')).toBe(true);
  expect(allows(documents.readerCondition.expression, 'us/k')).toBe(false);
  expect(script).toContain('--retention-period=3024000s');
  expect(documentsIn(script)).toEqual({
    'writer-role.json': documents.writerRole,
    'writer-condition.json': documents.writerCondition,
    'reader-condition.json': documents.readerCondition,
    'lifecycle.json': documents.lifecycle,
  });
});

it('for Google and a whole bucket, sets no condition', async () => {
  const { documents, script } = await policiesOf('gcs');
  expect(Object.keys(documents)).toEqual(['writerRole', 'lifecycle', 'retention']);
  expect(script.match(/--condition=None/g)).toHaveLength(2);
});

it('for Azure, gives the writer a signature that creates and does nothing else', async () => {
  const { documents, script } = await policiesOf('azure', '--prefix', 'eu', '--lock-for', '7');
  expect(documents).toMatchObject({
    writerSas: { permissions: 'c' },
    readerSas: { permissions: 'rl' },
    immutability: { periodDays: 7, allowProtectedAppendWrites: false },
    lifecycle: { rules: [{ definition: { filters: { prefixMatch: ['test-bucket/eu/'] } } }] },
  });
  expect([...script.matchAll(/--permissions (\w+)/g)].map(([, letters]) => letters)).toEqual(['c', 'rl']);
  expect(script).toContain('--period 7 --allow-protected-append-writes false');
  expect(script).toContain('A signature is for the whole container');
  expect(documentsIn(script)).toEqual({ 'lifecycle.json': documents.lifecycle });
});

it.each<[string, readonly string[]]>([
  ['writerSas', []],
  ['readerSas', ['--reader']],
])('for Azure, prints permissions of a %s with which the doctor finds nothing wrong', async (name, options) => {
  const { documents } = await policiesOf('azure');
  const fake = await startAzure(documents[name].permissions);
  expect(await examine(azureUrlOf(fake), ...options)).toMatchObject({ kinds: [], untested: [], exitCode: 0 });
});

it.each(['s3', 'gcs', 'azure'])('for %s, prints a script that a shell can read', async (store) => {
  for (const options of [[], ['--prefix', 'a b/c', '--instance', 'i 1']]) {
    const { script } = await policiesOf(store, ...options);
    execFileSync('sh', ['-n'], { input: script });
    for (const line of script.split('\n')) if (line.startsWith('# ')) expect(line.length).toBeLessThan(160);
  }
});

it.each([
  [['--prefix', "a'b"], '`prefix`'],
  [['--prefix', 'a*'], '`prefix`'],
  [['--prefix', '$HOME'], '`prefix`'],
  [['--prefix', '../a'], '`prefix`'],
  [['--bucket', 's3://b'], '`bucket`'],
  [['--lock-for', '400'], '--lock-for to be shorter than --expire-after'],
  [['--expire-after', '0'], '`expireAfter`'],
])('refuses %j', async (options, message) => {
  const { exitCode, stderr, stdout } = await ceres(['policy', 's3', '--bucket', 'b-b', ...options]);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

it('does not take the instance from CERES_INSTANCE: a policy is narrowed only by its own words', async () => {
  const argv = ['policy', 's3', '--bucket', 'b-b', '--json'];
  const { stdout } = await ceres(argv, undefined, { env: { CERES_INSTANCE: 'influxdb-0' } });
  expect(stdout).not.toContain('influxdb-0');
});
