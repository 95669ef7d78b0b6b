import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Google's client would send everything to the emulator that is named here; set but empty, it is broken.
delete process.env.STORAGE_EMULATOR_HOST;

/**
 * Tests read the sources of every package: no build comes before them. All else is what Node would load: by default, Vite prefers the
 * `module` files that a package has for bundlers, and those of the AWS SDK do not run in Node.
 */
const resolution = { conditions: ['@ceres/source', 'node', 'development|production'], mainFields: [] };
const fromSource = { resolve: resolution, ssr: { resolve: resolution } };

/** Only a test that hangs takes this long: a machine that many share is slow, not wrong. */
const patience = { testTimeout: 180_000, hookTimeout: 180_000 };

const integrationTests = '{packages,examples}/*/test/**/*.int.test.ts';
/** Integration tests that look at their own process: Node gives some warnings only once, and open files are those of all. */
const processTests = '{packages,examples}/*/test/process/**/*.int.test.ts';
/** Files that replace a module or a method of a class for themselves. The others of a worker share their modules: loading them costs most. */
const replacingTests = '{packages,examples}/*/test/**/*.replaced.test.ts';
/** Files that need a server so large that only `npm run test:all` starts it. */
const largeTests = '{packages,examples}/*/test/**/*.large.test.ts';

/** Starts the files that have a worker for themselves first. Some wait for a timeout of 10 seconds, and at the end they would wait alone. */
class OwnWorkersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => Number(b.project.config.isolate) - Number(a.project.config.isolate));
  }
}

export default defineConfig({
  test: {
    // Half of the tests' time is waiting for disks, servers and timers: a core left free, as by default, stands idle on two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: OwnWorkersFirst },
    // `--changed` runs everything after a change of these; by default also after that of any package.json, scripts included.
    forceRerunTriggers: ['**/pnpm-lock.yaml', '**/vitest.workspace.ts'],
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['{packages,examples}/*/test/**/*.test.ts'],
          exclude: [integrationTests, replacingTests, largeTests, '**/node_modules/**'],
          isolate: false,
          ...patience,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'unit-replaced',
          include: [replacingTests],
          ...patience,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'integration',
          include: [integrationTests],
          exclude: [processTests, '**/node_modules/**'],
          isolate: false,
          ...patience,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'integration-process',
          include: [processTests],
          ...patience,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'large',
          include: [largeTests],
          ...patience,
        },
      },
    ],
  },
});
