// The direction of imports between the packages (docs/architecture.md), held by dependency-cruiser.
// Every package but testkit may also import `internal`, which is bundled into it.
const allowed = {
  internal: [],
  lineproto: [],
  storage: [],
  'storage-gcs': ['storage'],
  'storage-s3': ['storage'],
  'storage-azure': ['storage'],
  'influx-http': ['lineproto'],
  tsm: ['lineproto'],
  'backup-sink': ['lineproto', 'storage', 'influx-http'],
  seed: ['lineproto', 'storage', 'influx-http', 'tsm'],
  restore: ['lineproto', 'storage', 'influx-http', 'tsm'],
  drill: ['restore', 'storage', 'influx-http'],
  cli: [
    'lineproto',
    'storage',
    'storage-gcs',
    'storage-s3',
    'storage-azure',
    'influx-http',
    'backup-sink',
    'seed',
    'restore',
    'drill',
  ],
  testkit: [],
};

const directions = Object.entries(allowed).map(([name, imports]) => ({
  name: `${name}-imports-${imports.length === 0 ? 'no-other-package' : 'only-what-it-may'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/` },
  to: {
    path: '^packages/',
    pathNot: [name, ...(name === 'testkit' ? [] : ['internal']), ...imports].map((other) => `^packages/${other}/`),
  },
}));

module.exports = {
  forbidden: [
    ...directions,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-import-of-own-index',
      comment: 'index.ts is a table of contents for others; inside, a file imports the file it means.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/$1/src/index\\.ts$' },
    },
    {
      name: 'restore-journal-and-reading-are-below-the-rest',
      severity: 'error',
      from: { path: '^packages/restore/src/(options|plan|journal|read)/' },
      to: { path: '^packages/restore/src/(server|replay|verify)/' },
    },
    {
      name: 'restore-server-replay-and-verify-stay-apart',
      comment: 'replay and verify both use the server, and neither uses the other.',
      severity: 'error',
      from: { path: '^packages/restore/src/(server|replay|verify)/' },
      to: { path: '^packages/restore/src/(replay|verify)/', pathNot: '^packages/restore/src/$1/' },
    },
    {
      name: 'restore-heal-and-live-are-above-the-rest',
      comment:
        'Only the end of a restore beside live writes heals, and only what composes a restore knows that end. A watch and a diagnosis judge as a heal does.',
      severity: 'error',
      from: { path: '^packages/restore/src/[^/]+/', pathNot: '^packages/restore/src/(heal|live|watch|diagnose)/' },
      to: { path: '^packages/restore/src/(heal|live)/' },
    },
    {
      name: 'restore-heal-knows-no-restore',
      comment:
        'Healing compares and writes points: of a replay it shares the pace, and it knows neither journals nor shards that are loaded.',
      severity: 'error',
      from: { path: '^packages/restore/src/heal/' },
      to: {
        path: '^packages/restore/src/(compile|journal|live|native|replay|salvage|status)/',
        pathNot: '^packages/restore/src/replay/deliver/pace\\.ts$',
      },
    },
    {
      name: 'the-sink-reads-no-storage',
      comment:
        'Only the entry for tests reads a storage, and the sink does not know it: its credential can create and nothing else.',
      severity: 'error',
      from: { path: '^packages/backup-sink/src/', pathNot: '^packages/backup-sink/src/testing/' },
      to: { path: '^packages/backup-sink/src/testing/' },
    },
    {
      name: 'help-loads-no-other-package',
      comment:
        'What defines the commands of ceres imports an action only when it runs, so that --help does not load every package.',
      severity: 'error',
      from: { path: '^packages/cli/src/', pathNot: '^packages/cli/src/(actions|output|completion)/' },
      to: {
        path: ['^packages/(?!cli/|internal/)', '^packages/cli/src/(actions|output|completion)/'],
        pathNot: '^packages/cli/src/output/(broken-pipe|escape|wrap)\\.ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'a-stage-imports-no-other-stage',
      severity: 'error',
      from: { path: '^packages/backup-sink/src/stages/' },
      to: { path: '^packages/backup-sink/src/stages/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/(dist|test|bench|campaign)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@ceres/source', 'import', 'types', 'default'],
    },
  },
};
