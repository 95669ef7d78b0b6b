// Packs every public package as npm would get it, and lets publint and attw judge the tarball.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackages } from './pack.mjs';

const out = mkdtempSync(join(tmpdir(), 'ceres-pack-'));
let packages = [];
let failed = 0;

try {
  packages = packPackages(out);
  for (const { name, tarball } of packages) {
    console.log(`${name}: ${(statSync(tarball).size / 1024).toFixed(0)} KiB`);
    check('publint', ['--strict', tarball]);
    check('attw', ['--profile', 'node16', '--quiet', tarball]);
  }
} finally {
  rmSync(out, { recursive: true });
}
console.log(`packages: ${packages.length} packed, ${failed} checks failed`);
process.exitCode = failed === 0 && packages.length > 0 ? 0 : 1;

function check(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  failed += 1;
  console.error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
}
