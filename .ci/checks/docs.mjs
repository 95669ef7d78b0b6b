// Docs that drift are worse than none: every relative link must lead somewhere, and every ```ts block must compile, on a page and in
// a docstring. On a page, a block with an import begins a new module; one without continues the block before it. In a docstring, a
// block is a module that may use what its file exports.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ownFiles, packageSources } from '../own-files.mjs';
import { packageEntries } from '../site/entries.mjs';
import { tsc } from '../steps.mjs';
import { findTreeFaults } from './docs/tree.mjs';

const work = '.cache/docs';
const pages = ownFiles().filter((path) => path.endsWith('.md'));
const deadLinks = pages.flatMap(findDeadLinks);
const treeFaults = findTreeFaults();
for (const fault of [...deadLinks, ...treeFaults]) console.error(fault);

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const modules = [...pages.flatMap(toModules), ...findSources().flatMap(toExamples)];
const compiled = modules.length === 0 || compile();
console.log(
  `docs: ${pages.length} pages, ${deadLinks.length} dead links, ${treeFaults.length} faults in the tree; ${modules.length} modules of code, ${compiled ? 'all compile' : 'NOT all compile'}`,
);
process.exitCode = deadLinks.length + treeFaults.length === 0 && compiled ? 0 : 1;

/** Finds the sources whose docstrings hold examples. */
function findSources() {
  return packageSources().filter((path) => /^ *\* ```ts$/m.test(readFileSync(path, 'utf8')));
}

function findDeadLinks(page) {
  const text = readFileSync(page, 'utf8').replaceAll(/```.*?```/gs, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !leads(page, target))
    .map((target) => `${page}: nothing at ${target}`);
}

function leads(page, target) {
  const [path, anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || headingAnchors(file).includes(anchor);
}

/** Returns the anchors that GitHub gives to the headings of a page. */
function headingAnchors(file) {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function toModules(page) {
  const modules = [];
  for (const code of blocksOf(readFileSync(page, 'utf8'))) {
    if (/^import /m.test(code) || modules.length === 0) modules.push(code);
    else modules.push(`${modules.pop()}\n${code}`);
  }
  return modules.map((code, i) => writeModule(page, i, code));
}

function toExamples(source) {
  const text = readFileSync(source, 'utf8');
  const exported = [...text.matchAll(/^export (?:async )?(?:function\*?|class|const) (\w+)/gm)].map(([, name]) => name);
  return blocksOf(text.replaceAll(/^ *\* ?/gm, '')).map((code, i) => {
    const names = exported.filter(
      (name) => new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`import .*\\b${name}\\b`).test(code),
    );
    const from = join(relative(work, '.'), source.replace(/\.ts$/, ''));
    return writeModule(source, i, `import { ${names.join(', ')} } from '${from}';\n${code}`);
  });
}

function blocksOf(text) {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
}

function writeModule(from, index, code) {
  const file = `${from.replaceAll('/', '__')}.${index + 1}.ts`;
  writeFileSync(join(work, file), `// ${from}\n${code}\nexport {};\n`);
  return file;
}

function compile() {
  const root = relative(work, '.');
  const inPackages = (folder) => `${root}/packages/${folder}/node_modules/*`;
  const config = {
    extends: `${root}/tsconfig.base.json`,
    compilerOptions: {
      noUnusedLocals: false,
      typeRoots: [`${root}/node_modules/@types`],
      paths: {
        ...Object.fromEntries(packageEntries().map(({ name, source }) => [name, [source]])),
        '*': [
          `${root}/node_modules/*`,
          ...['backup-sink', 'drill', 'restore', 'storage-azure', 'storage-gcs', 'storage-s3', 'storage'].map(
            inPackages,
          ),
        ],
      },
    },
    include: ['*.ts'],
  };
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config));
  const [file, ...args] = tsc;
  return spawnSync(file, [...args, '-p', work], { stdio: 'inherit' }).status === 0;
}
