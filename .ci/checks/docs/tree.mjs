import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = 'CONTRIBUTING.md';

/**
 * Compares the annotated tree of CONTRIBUTING with the repository: each of its lines names what exists, with a word on what it is
 * for, and it has every package and every folder of a package's `src` down to the second level.
 *
 * @returns {string[]} what is wrong, one sentence each
 */
export function findTreeFaults() {
  const entries = readTree();
  const named = new Set(entries.map(({ path }) => path));
  return [
    ...entries
      .filter(({ path }) => !existsSync(path))
      .map(({ path }) => `${page}: the tree names ${path}, which does not exist`),
    ...entries
      .filter(({ path, note }) => note === '' && !/^packages$|\/src$/.test(path))
      .map(({ path }) => `${page}: the tree does not say what ${path} is for`),
    ...foldersToName()
      .filter((path) => !named.has(path))
      .map((path) => `${page}: the tree lacks ${path}`),
  ];
}

/** Reads the block `text` that begins with `packages/`: two spaces are one level, and the note stands behind two spaces. */
function readTree() {
  const block = /^```text\n(packages\/.*?)^```$/ms.exec(readFileSync(page, 'utf8'))?.[1] ?? '';
  const parents = [];
  return block.split('\n').flatMap((line) => {
    const [, indent, name, note] = /^( *)(\S+)(?: {2,}(.*))?$/.exec(line) ?? [];
    if (name === undefined) return [];
    parents.length = indent.length / 2;
    parents.push(name);
    return [{ path: join(...parents).replace(/\/$/, ''), note: note ?? '' }];
  });
}

function foldersToName() {
  const packages = subfolders('packages').filter((folder) => existsSync(join(folder, 'package.json')));
  const first = packages.flatMap((folder) => subfolders(join(folder, 'src')));
  return [...packages, ...first, ...first.flatMap(subfolders)];
}

function subfolders(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}
