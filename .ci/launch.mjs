// Runs one of the tasks below on a machine that has only Node and npm: what is missing is installed and built first.
// Everything that is not the task's own output goes to stderr, so that `npm run bench` can be read by a program.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { docs, steps, tsc } from './steps.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pnpm = ['npx', '--yes', 'pnpm@10.34.9'];

/** A task is a list of steps that are all run and counted, or one command that is given the arguments and the terminal. */
const tasks = {
  build: { build: true },
  format: { command: ['biome', 'check', '--write', '.'] },
  docs: { command: docs },
  pictures: { build: true, command: ['tsx', 'packages/drill/pictures/report.ts'] },
  demo: { build: true, command: ['tsx', 'examples/quickstart/src/demo.ts'] },
  ceres: { build: true, command: ['node', 'packages/cli/dist/main.js'] },
  bench: { build: true, command: ['tsx', '--expose-gc', 'packages/testkit/bin/bench.ts'] },
  faults: { build: true, command: ['tsx', 'packages/cli/campaign/faults.ts'] },
  'fuzz:lineproto': { build: true, command: ['tsx', 'packages/lineproto/campaign/fuzz.ts'] },
  'fuzz:tsm': { build: true, command: ['tsx', 'packages/tsm/campaign/fuzz.ts'] },
  'fuzz:native': { build: true, command: ['tsx', 'packages/restore/campaign/fuzz-native.ts'] },
  check: { steps: steps.check },
  test: { steps: steps.test },
  'test:all': { steps: [...steps.test, ...steps.more] },
};

const [name, ...args] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) {
  console.error(`There is no task '${name}'. The tasks are: ${Object.keys(tasks).join(', ')}.`);
  process.exit(2);
}

installIfNeeded();
if (task.build) buildIfNeeded();
if (task.steps) process.exitCode = await runSteps(task.steps);
if (task.command) process.exitCode = run([...task.command, ...args], 'inherit');

function installIfNeeded() {
  const installed = join(root, 'node_modules/.modules.yaml');
  if (existsSync(installed) && modifiedMs(installed) >= modifiedMs(join(root, 'pnpm-lock.yaml'))) return;
  console.error('Installing the dependencies …');
  mustRun([...pnpm, 'install', '--frozen-lockfile', '--reporter=append-only']);
}

function buildIfNeeded() {
  // Every package has a copy of `internal` in its dist, and is built by the same configuration.
  const sharedMs = Math.max(
    newestMs(join(root, 'packages/internal/src')),
    modifiedMs(join(root, '.ci/tsup.config.ts')),
    modifiedMs(join(root, '.ci/tsconfig.declarations.json')),
  );
  const stale = packagesToBuild().filter((folder) => {
    const sourcesMs = Math.max(newestMs(join(folder, 'src')), modifiedMs(join(folder, 'package.json')));
    return Math.max(sharedMs, sourcesMs) > builtMs(folder);
  });
  if (stale.length === 0) return;
  console.error('Building the packages …');
  mustRun([...tsc, '-p', '.ci/tsconfig.declarations.json']); // of all packages at once, for the types of each
  mustRun([...pnpm, '--recursive', '--reporter=append-only', '--loglevel=warn', 'run', 'build']);
}

function packagesToBuild() {
  const folders = readdirSync(join(root, 'packages')).filter((name) => name !== 'internal');
  return folders.map((name) => join(root, 'packages', name));
}

/** When the last file of a build was written; types come last. */
function builtMs(folder) {
  const types = join(folder, 'dist/index.d.ts');
  return existsSync(types) ? modifiedMs(types) : 0;
}

function newestMs(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return Math.max(
    0,
    ...entries.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newestMs(path) : modifiedMs(path);
    }),
  );
}

function modifiedMs(path) {
  return statSync(path).mtimeMs;
}

/** Runs every step, also after one that failed, so that one run names all that is broken. */
async function runSteps(list) {
  const results = [];
  for (const group of groupsOf(list)) {
    if (group.some(({ build }) => build)) buildIfNeeded();
    results.push(...(group.length === 1 ? [await runStep(group[0], print)] : await runTwoAtOnce(group)));
  }
  console.log('');
  for (const { title, ok, seconds } of results) {
    console.log(`${ok ? 'passed' : 'FAILED'}  ${title.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`);
  }
  const failed = results.filter(({ ok }) => !ok);
  for (const { title, complaint } of failed) console.log(`\n── why it failed, ${title}\n${complaint}`);
  console.log(`steps: ${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

/** Puts steps of one process that follow each other into one group, and every other step into its own. */
function groupsOf(list) {
  const groups = [];
  for (const step of list) {
    const last = groups.at(-1);
    if (step.single && last?.[0].single && !last[0].build === !step.build) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Runs two steps at a time, each of which keeps one core busy, and prints what each said when it has ended. */
async function runTwoAtOnce(group) {
  const results = [];
  const waiting = [...group.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, step] = next;
      const said = [];
      results[at] = await runStep(step, (name, text) => said.push([name, text]));
      for (const [name, text] of said) print(name, text);
    }
  };
  await Promise.all([work(), work()]);
  return results;
}

async function runStep({ title, command }, show) {
  show('stdout', `\n── ${title}: ${command.join(' ')}\n`);
  const startedMs = Date.now();
  const { status, complaint } = await watch(command, show);
  return { title, ok: status === 0, complaint, seconds: (Date.now() - startedMs) / 1000 };
}

function print(name, text) {
  process[name].write(text);
}

/** Runs a command, shows what it says, and keeps what it said of failures: the end of a long log is all that some will read. */
async function watch([file, ...args], show) {
  const said = { stdout: '', stderr: '' };
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      show(stream, text);
      said[stream] = (said[stream] + text).slice(-200_000);
    });
  }
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      said.stderr += `Cannot run ${file}: ${error.message}`;
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
  return { status, complaint: complaintOf(said) };
}

/** Vitest's failed tests with their errors and places, else the last lines. */
function complaintOf({ stdout, stderr }) {
  const lines = stripVTControlCharacters(stderr.trim() || stdout.trim()).split('\n');
  const failures = lines.filter((line) => /^\s*(FAIL |\w*Error: |❯ (packages|examples)\/)/.test(line));
  return (failures.length > 0 ? failures.slice(0, 20) : lines.slice(-20)).join('\n');
}

function mustRun(command) {
  const status = run(command, ['ignore', 2, 2]);
  if (status !== 0) process.exit(status);
}

function run([file, ...args], stdio) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio, env: environment() });
  if (error) console.error(`Cannot run ${file}: ${error.message}`);
  return status ?? 1;
}

function environment() {
  return { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
}
