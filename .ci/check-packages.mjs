// Packs every public package as npm would get it, and lets publint and attw judge the tarball.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const out = mkdtempSync(join(tmpdir(), 'ceres-pack-'));
const packages = readdirSync('packages')
  .map((folder) => join('packages', folder))
  .filter((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private !== true);
let failed = 0;

try {
  for (const folder of packages) {
    check(folder, 'npx', ['--yes', 'pnpm@10.34.9', 'pack', '--pack-destination', out]);
  }
  for (const tarball of readdirSync(out).sort()) {
    console.log(`${tarball}: ${(statSync(join(out, tarball)).size / 1024).toFixed(0)} KiB`);
    check('.', 'publint', ['--strict', join(out, tarball)]);
    check('.', 'attw', ['--profile', 'node16', '--quiet', join(out, tarball)]);
  }
} finally {
  rmSync(out, { recursive: true });
}
console.log(`packages: ${packages.length} packed, ${failed} checks failed`);
process.exitCode = failed === 0 && packages.length > 0 ? 0 : 1;

function check(cwd, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  failed += 1;
  console.error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
}
