// Runs the unit tests of the packages that changed, as far as they import what changed: since the last push, or in the working tree
// where there is no upstream. What a change does to other packages is for `npm test` to say, since those tests take longer than
// anyone waits. Without git, as in an unpacked archive, all unit tests run.
import { spawnSync } from 'node:child_process';

const base = changeBase();
const folders = base === undefined ? [] : changedFolders(base);
if (base !== undefined && folders.length === 0) {
  console.log(`No package changed since ${base}: there are no unit tests to run.`);
} else {
  console.log(`Running the unit tests of ${folders.join(', ') || 'all packages'}.`);
  const since = base === undefined ? [] : ['--changed', base, '--passWithNoTests'];
  // Three at once, also on two cores: they wait for timers and disks more than for a core.
  const args = [
    'run',
    '--config',
    'vitest.workspace.ts',
    '--project',
    'unit*',
    '--maxWorkers',
    '3',
    ...since,
    ...folders,
  ];
  process.exitCode = spawnSync('vitest', args, { stdio: 'inherit' }).status ?? 1;
}

/** Returns the commit that the change builds on, or `undefined` without a history. */
function changeBase() {
  const upstream = ['@{upstream}', 'origin/main'].find((name) => git('rev-parse', '--verify', '--quiet', name));
  return git('merge-base', 'HEAD', upstream ?? 'HEAD');
}

/** Lists the packages and examples with a changed or new file, such as `packages/storage/`. */
function changedFolders(base) {
  const files = [git('diff', '--name-only', base), git('ls-files', '--others', '--exclude-standard')].join('\n');
  return [...new Set(files.match(/^(?:packages|examples)\/[\w-]+\//gm))];
}

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
