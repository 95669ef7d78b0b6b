// Runs the unit tests that import what changed: since the last push, or in the working tree where there is no upstream.
// Without git, as in an unpacked archive, all of them run.
import { spawnSync } from 'node:child_process';

const base = changeBase();
console.log(
  base === undefined
    ? 'No git history: running all unit tests.'
    : `Running the unit tests of what changed since ${base}.`,
);
const since = base === undefined ? [] : ['--changed', base, '--passWithNoTests'];
// Three at once, also on two cores: they wait for timers and disks more than for a core.
const args = ['run', '--config', 'vitest.workspace.ts', '--project', 'unit', '--maxWorkers', '3', ...since];
process.exitCode = spawnSync('vitest', args, { stdio: 'inherit' }).status ?? 1;

/** Returns the commit that the change builds on, or `undefined` without a history. */
function changeBase() {
  const upstream = ['@{upstream}', 'origin/main'].find((name) => git('rev-parse', '--verify', '--quiet', name));
  return git('merge-base', 'HEAD', upstream ?? 'HEAD');
}

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
