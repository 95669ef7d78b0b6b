/** What the test commands run, in this order. `build`: the step works on `dist`. */
export const steps = {
  test: [
    { title: 'lint and format', command: ['biome', 'ci', '.'] },
    { title: 'types', command: ['tsc', '-p', 'tsconfig.base.json'] },
    { title: 'docs: links and code', command: ['node', '.ci/check-docs.mjs'] },
    { title: 'direction of imports', command: ['depcruise', '--config', '.ci/dependency-rules.cjs', 'packages'] },
    { title: 'unit tests', command: ['vitest', 'run', '--config', 'vitest.workspace.ts', '--project', 'unit'] },
    {
      title: 'integration tests',
      command: ['vitest', 'run', '--config', 'vitest.workspace.ts', '--project', 'integration'],
      build: true,
    },
    { title: 'packaging', command: ['node', '.ci/check-packages.mjs'], build: true },
  ],
  more: [],
};
