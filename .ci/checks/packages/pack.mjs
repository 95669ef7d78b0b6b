import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Packs every public package into `folder`, as npm would get it.
 *
 * @returns {{ name: string, tarball: string }[]}
 */
export function packPackages(folder) {
  const names = readdirSync('packages')
    .map((name) => JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8')))
    .filter((manifest) => manifest.private !== true)
    .map(({ name }) => name);
  const filters = names.flatMap((name) => ['--filter', name]);
  const pack = ['--recursive', 'pack', '--json', '--pack-destination', folder];
  const { status, stdout, stderr } = spawnSync('npx', ['--yes', 'pnpm@10.34.9', ...filters, ...pack], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`pnpm pack failed:\n${stdout}${stderr}`);
  const packed = JSON.parse(stdout).map(({ name, filename }) => ({ name, tarball: filename }));
  if (packed.length !== names.length) throw new Error(`pnpm packed ${packed.length} of ${names.length} packages`);
  return packed;
}
