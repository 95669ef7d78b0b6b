import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { ceres } from '../support/in-process';

const loads = vi.hoisted(() => ({ count: 0 }));
vi.mock('@ceres/storage-gcs', () => {
  loads.count += 1;
  throw new SyntaxError("Unexpected token '<'");
});
vi.mock('@ceres/storage-s3', () => {
  loads.count += 1;
  return { fromUrl: () => ({ list: async function* () {}, get: () => [], put: () => 'created' }) };
});

const folder = mkdtempSync(join(tmpdir(), 'ceres-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a package of one module, and returns its path. */
function write(name: string, source: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, source);
  return path;
}

/** An adapter whose bucket has one file, of an instance with the name of the URL's host. */
const good = (name: string) =>
  write(
    name,
    `export const fromUrl = (url) => ({
      async *list(prefix) {
        const key = url.host + '/db/rp/20240509/018f5e6a-7b1c-7def-8123-456789abcdef.gz';
        if (key.startsWith(prefix)) yield { key, sizeBytes: 1, createdMs: 0 };
      },
    });`,
  );

it('loads no adapter for a folder, and of two adapters only the one of the URL', async () => {
  expect(await ceres(['ls', folder])).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('Found no file') });
  expect(loads.count).toBe(0);
  await ceres(['ls', 's3://bucket']);
  expect(loads.count).toBe(1);
});

it('opens URLs of any scheme with the package that --storage-package names', async () => {
  const path = good('swift');
  for (const value of [path, `swift=${path}`, `SWIFT=${path}`]) {
    const { stdout, stderr, exitCode } = await ceres(['ls', 'swift://of-swift/a?b=c', '--storage-package', value]);
    expect([stdout, stderr, exitCode]).toEqual([expect.stringMatching(/^of-swift$/m), '', 0]);
  }
});

it('opens URLs of one of our schemes with another package only if its scheme is named', async () => {
  const path = good('other-s3');
  const lists = async (...argv: string[]) => (await ceres(['ls', 's3://of-other', ...argv])).stdout;
  expect(await lists('--storage-package', path)).not.toContain('of-other');
  expect(await lists('--storage-package', `s3=${path}`)).toContain('of-other');
});

it('takes packages from CERES_STORAGE_PACKAGES, and from its words first', async () => {
  const env = { CERES_STORAGE_PACKAGES: `ftp=${good('ftp')}, swift=${join(folder, 'missing.mjs')}` };
  expect((await ceres(['ls', 'ftp://of-ftp'], undefined, { env })).stdout).toContain('of-ftp');
  const words = ['ls', 'swift://of-words', '--storage-package', `swift=${good('words')}`];
  expect((await ceres(words, undefined, { env })).stdout).toContain('of-words');
  const wrong = await ceres(['ls', 'ftp://x'], undefined, { env: { CERES_STORAGE_PACKAGES: 'a b' } });
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("CERES_STORAGE_PACKAGES is 'a b'") });
});

const swift = (value: string) => ['ls', 'swift://b', '--storage-package', value];

it.each([
  [
    'throws while it is loaded',
    () => swift(write('throws', "throw new Error('needs Node 99')")),
    /: needs Node 99\. It is installed/,
  ],
  [
    'does not parse',
    () => swift(write('wrong', 'export const = 1')),
    /Cannot load .*wrong\.mjs for swift:\/\/ URLs: .*It is installed/,
  ],
  [
    'imports what is missing',
    () => swift(write('lacks', "import '@acme/lost-sdk'")),
    /Cannot load .*lacks\.mjs.*@acme\/lost-sdk/,
  ],
  [
    'opens nothing',
    () => swift(write('empty', 'export const open = 1')),
    /empty\.mjs is no storage adapter: it exports no function `fromUrl`/,
  ],
  [
    'is not installed',
    () => ['ls', 'ftp://b'],
    /Cannot find the storage adapter @ceres\/storage-ftp for ftp:\/\/ URLs\. Run: npm install @ceres\/storage-ftp /,
  ],
  ['is not there', () => swift(join(folder, 'gone.mjs')), /Cannot find the storage adapter .*gone\.mjs/],
  [
    'is one of ours, and fails',
    () => ['ls', 'gs://b'],
    /Cannot load the storage adapter @ceres\/storage-gcs for gs:\/\/ URLs: .*It is installed/,
  ],
] as const)('says why of a package that %s', async (_what, argv, message) => {
  const { exitCode, stderr } = await ceres(argv());
  expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(message);
  expect(exitCode).toBe(2);
});

it.each(['', 'a b', '=x', 'file=x', 's3='])('refuses --storage-package %j', async (value) => {
  const { exitCode, stderr } = await ceres(['ls', 'swift://b', '--storage-package', value]);
  expect(stderr).toContain('Expected');
  expect(exitCode).toBe(2);
});
