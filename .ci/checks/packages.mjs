// Packs every public package as npm would get it, lets publint and attw judge the tarball, and looks into it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findContentFaults, findTopLevelLets } from './packages/contents.mjs';
import { packPackages } from './packages/pack.mjs';

const out = mkdtempSync(join(tmpdir(), 'ceres-pack-'));
const faults = findTopLevelLets();
let packages = [];

try {
  packages = packPackages(out);
  for (const { name, tarball } of packages) {
    console.log(`${name}: ${(statSync(tarball).size / 1024).toFixed(0)} KiB`);
    faults.push(...run('publint', ['--strict', tarball]));
    faults.push(...run('attw', ['--profile', 'node16', '--quiet', tarball]));
    faults.push(...findContentFaults({ name, tarball }, join(out, 'unpacked', name)));
  }
} finally {
  rmSync(out, { recursive: true });
}
for (const fault of faults) console.error(fault);
console.log(`packages: ${packages.length} packed, ${faults.length} faults`);
process.exitCode = faults.length === 0 && packages.length > 0 ? 0 : 1;

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? [] : [`${command} ${args.join(' ')}\n${error?.message ?? stdout + stderr}`];
}
