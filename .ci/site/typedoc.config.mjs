// The docs as a static site: the Markdown of the repository, and the API with its examples from the docstrings.
import { join, resolve } from 'node:path';
import { packageEntries } from './entries.mjs';

const root = resolve(import.meta.dirname, '../..');

/** @type {Partial<import('typedoc').TypeDocOptions>} */
const options = {
  name: 'Ceres',
  plugin: [join(import.meta.dirname, 'pages.mjs')],
  tsconfig: join(root, 'tsconfig.base.json'),
  entryPoints: packageEntries()
    .filter(({ isPublic }) => isPublic)
    .map(({ source }) => source),
  readme: join(root, 'README.md'),
  projectDocuments: [
    'docs/*.md',
    'docs/decisions/*.md',
    'packages/*/README.md',
    'examples/*/README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
  ].map((pattern) => join(root, pattern)),
  out: join(root, '.cache/site'),
  cleanOutputDir: true,
  router: 'pages',
  sort: ['documents-first', 'source-order'],
  groupOrder: ['Guides', 'Reference', 'Decisions', 'Packages', 'Examples', 'Project', '*'],
  navigation: { includeGroups: true, compactFolders: false },
  highlightLanguages: ['typescript', 'javascript', 'shellscript', 'json', 'yaml', 'ini', 'docker', 'toml', 'http'],
  skipErrorChecking: true, // `npm test` has a step of its own for types
  disableSources: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
  treatWarningsAsErrors: true, // a dead link is one
};
export default options;
