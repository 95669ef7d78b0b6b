const fuzz = (lines) => ['tsx', 'packages/lineproto/campaign/fuzz.ts', '--lines', String(lines)];
const fuzzTsm = (points) => ['tsx', 'packages/tsm/campaign/fuzz.ts', '--points', String(points)];
const fuzzNative = (lines) => ['tsx', 'packages/restore/campaign/fuzz-native.ts', '--lines', String(lines)];
const faults = (campaign, rounds) => ['tsx', 'packages/cli/campaign/faults.ts', `--${campaign}`, String(rounds)];

/** TypeScript 7, which checks in a quarter of the time; `typescript` is 5.9, whose API other tools need. */
export const tsc = ['node', 'node_modules/typescript-7/bin/tsc'];
/** Builds the docs as a static site into .cache/site; a dead link fails. */
export const docs = ['typedoc', '--options', '.ci/site/typedoc.config.mjs'];
const lint = { title: 'lint and format', command: ['biome', 'ci', '.'] };
const language = { title: 'language', command: ['node', '.ci/checks/language.mjs'] };
const errorCodes = { title: 'error codes explained', command: ['node', '.ci/checks/errors.mjs'] };
const workflows = { title: 'pinned workflow actions', command: ['node', '.ci/checks/workflows.mjs'] };

const campaign = (title, command) => ({ title, command, build: true, single: true });
const single = (step) => ({ ...step, single: true });

/**
 * What the commands run, in this order. `build`: the step works on `dist`. `single`: it keeps one core busy, and so runs beside the next
 * one that does.
 */
export const steps = {
  /** Fits into a minute, for while you work: `test` is what counts. */
  check: [
    lint,
    workflows,
    errorCodes,
    language,
    {
      title: 'types',
      command: [...tsc, '-p', 'tsconfig.base.json', '--incremental', '--tsBuildInfoFile', '.cache/types.tsbuildinfo'],
    },
    { title: 'unit tests of what changed', command: ['node', '.ci/test-changed.mjs'] },
  ],
  test: [
    lint,
    single(workflows),
    single(language),
    { title: 'types', command: [...tsc, '-p', 'tsconfig.base.json'], single: true },
    single(errorCodes),
    { title: 'docs: links and code', command: ['node', '.ci/checks/docs.mjs'], single: true },
    {
      title: 'direction of imports',
      command: ['depcruise', '--config', '.ci/dependency-rules.cjs', 'packages'],
      single: true,
    },
    { title: 'unused code', command: ['knip', '--config', '.ci/knip.jsonc', '--no-config-hints'], single: true },
    { title: 'docs site', command: docs, single: true },
    {
      title: 'unit tests', // three at once, also on two cores: they wait for timers and disks more than for a core
      command: ['vitest', 'run', '--config', 'vitest.workspace.ts', '--project', 'unit*', '--maxWorkers', '3'],
    },
    {
      title: 'integration tests',
      command: ['vitest', 'run', '--config', 'vitest.workspace.ts', '--project', 'integration*'],
      build: true,
    },
    { title: 'packaging', command: ['node', '.ci/checks/packages.mjs'], build: true, single: true },
    campaign('storage of InfluxDB, written and read', fuzzTsm(6_000)),
    campaign('fault schedules', faults('schedules', 20)),
    campaign('kills of a sink', faults('kill', 3)),
    campaign('full disks', faults('full-disk', 2)),
    campaign('a power cut', faults('power-cuts', 1)),
    campaign('kills of a restore', faults('kill-restore', 5)),
    campaign('kills of a native restore', faults('kill-native', 3)),
    campaign('lines sent and loaded', fuzzNative(1_500)),
    campaign('kills of a seed', faults('kill-seed', 2)),
    campaign('overwrites, killed and slowed', faults('overwrite', 20_000)),
    campaign('two spellings of one policy', faults('spellings', 2)),
    campaign('one altered value of many', faults('altered-value', 20_000)),
    campaign('damaged backups', faults('damage', 5)),
    campaign('planted damage', faults('planted', 2)),
    campaign('damaged data directories', faults('salvage', 2)),
    campaign('heals beside live writes', faults('heal', 2)),
    campaign('restores under load', faults('live', 2)),
    campaign('watches, healthy and damaged', faults('watch', 2)),
    campaign('drills, healthy, damaged and killed', faults('drill', 2)),
  ],
  more: [
    {
      title: 'types, by TypeScript 5.9',
      command: ['node', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.base.json'],
    },
    { title: 'installed by a stranger', command: ['node', '.ci/checks/install.mjs'], build: true },
    {
      title: 'tests that need large servers',
      command: ['vitest', 'run', '--config', 'vitest.workspace.ts', '--project', 'large'],
      build: true,
    },
    { title: 'lineproto, a million lines', command: fuzz(1_000_000), build: true },
    { title: 'lines sent and loaded, 200,000', command: fuzzNative(200_000), build: true },
    { title: 'storage of InfluxDB, a million points', command: fuzzTsm(1_000_000), build: true },
    { title: '10,000 fault schedules', command: faults('schedules', 10_000), build: true },
    { title: '100 power cuts', command: faults('power-cuts', 100), build: true },
    { title: '100 kills of a sink', command: faults('kill', 100), build: true },
    { title: '60 full disks', command: faults('full-disk', 60), build: true },
    { title: '12 spools taken over by other hosts', command: faults('takeover', 12), build: true },
    { title: '200 planted damages', command: faults('planted', 200), build: true },
    { title: '500 damaged backups', command: faults('damage', 500), build: true },
    { title: '200 damaged data directories', command: faults('salvage', 200), build: true },
    { title: '200 heals beside live writes', command: faults('heal', 200), build: true },
    { title: '100 restores under load', command: faults('live', 100), build: true },
    { title: '60 watches', command: faults('watch', 60), build: true },
    { title: '100 drills', command: faults('drill', 100), build: true },
    { title: '100 kills of a restore', command: faults('kill-restore', 100), build: true },
    { title: '50 kills of a native restore', command: faults('kill-native', 50), build: true },
    { title: '50 kills of a seed', command: faults('kill-seed', 50), build: true },
    { title: '200 rounds of two spellings of one policy', command: faults('spellings', 200), build: true },
    { title: 'a million overwrites, killed and slowed', command: faults('overwrite', 1_000_000), build: true },
  ],
};
