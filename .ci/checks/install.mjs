// Installs every public package into an empty project, as a stranger would, and uses it there: imported from ESM,
// from CommonJS and from TypeScript, and then by the commands of the README.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packPackages } from './packages/pack.mjs';
import { runReadme } from './packages/run-readme.mjs';

const work = mkdtempSync(join(tmpdir(), 'ceres-install-'));
const project = join(work, 'project');
/** A service that has the sink and no client of InfluxDB: `influx` is an optional peer of the sink. */
const withoutInflux = join(work, 'without-influx');
/** What the sink installs of Ceres. */
const sinkPackages = ['@ceres/backup-sink', '@ceres/influx-http', '@ceres/lineproto', '@ceres/storage'];
const root = JSON.parse(readFileSync('package.json', 'utf8'));
const quickstart = JSON.parse(readFileSync('examples/quickstart/package.json', 'utf8'));
let failed = 0;

try {
  const packages = packPackages(work);
  install(project, packages, { influx: quickstart.dependencies.influx });
  for (const { name, tarball } of packages) {
    console.log(`${name.padEnd(20)} ${kib(statSync(tarball).size)} packed, ${kib(installedBytes(name))} installed`);
  }
  const entries = packages.flatMap(({ name }) => entriesOf(name));
  await check('imported from ESM and from CommonJS, the same names', () => importBothWays(project, entries));
  await checkTypes(project, entries, '');
  install(
    withoutInflux,
    packages.filter(({ name }) => sinkPackages.includes(name)),
    {},
  );
  const sinkEntries = entries.filter((entry) => entry.startsWith(sinkPackages[0]));
  await check('the sink, without influx: imported from ESM and from CommonJS', () => {
    if (existsSync(join(withoutInflux, 'node_modules/influx'))) throw new Error('influx is installed');
    importBothWays(withoutInflux, sinkEntries);
  });
  await checkTypes(withoutInflux, sinkEntries, 'the sink, without influx: ');
  await runReadme(project, check);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`install: ${failed} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Installs the tarballs alone, also where one package depends on another; what else they need comes from npm. */
function install(folder, packages, others) {
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { ...tarballs, ...others },
    devDependencies: { '@types/node': root.devDependencies['@types/node'] },
    overrides: Object.fromEntries(packages.map(({ name }) => [name, `$${name}`])),
  };
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
}

/** The package itself and its subpaths. */
function entriesOf(name) {
  const { exports } = JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => name + path.slice(1));
}

function importBothWays(folder, entries) {
  const names = (module) => `Object.keys(${module}).filter((name) => name !== 'default').sort().join()`;
  writeFileSync(
    join(folder, 'imports.mjs'),
    `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const entry of ${JSON.stringify(entries)}) {
  const [esm, cjs] = [await import(entry), require(entry)];
  if (${names('esm')} === '') throw new Error(entry + ' exports nothing');
  if (${names('esm')} !== ${names('cjs')}) throw new Error(entry + ' exports other names from CommonJS');
}`,
  );
  run(folder, 'node', ['imports.mjs']);
}

/** Compiles every entry, with the types of its dependencies, in each way in which TypeScript finds modules. */
async function checkTypes(folder, entries, title) {
  for (const [extension, module, moduleResolution] of [
    ['mts', 'node16', 'node16'],
    ['cts', 'node16', 'node16'],
    ['ts', 'esnext', 'bundler'],
  ]) {
    await check(`${title}imported from TypeScript: ${moduleResolution}, .${extension}`, () =>
      compile(folder, entries, extension, module, moduleResolution),
    );
  }
}

function compile(folder, entries, extension, module, moduleResolution) {
  const file = `types.${extension}`;
  const lines = entries.map((entry, i) => `import * as m${i} from '${entry}';\nexport type T${i} = typeof m${i};\n`);
  writeFileSync(join(folder, file), lines.join(''));
  const options = { module, moduleResolution, target: 'es2022', lib: ['ES2023', 'ESNext.Disposable'], strict: true };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...options, types: ['node'], noEmit: true, skipLibCheck: false },
      files: [file],
    }),
  );
  run(folder, resolve('node_modules/.bin/tsc'), ['-p', '.']);
}

function installedBytes(name) {
  const folder = join(project, 'node_modules', name);
  return readdirSync(folder, { recursive: true })
    .map((path) => statSync(join(folder, path)))
    .reduce((bytes, file) => bytes + (file.isFile() ? file.size : 0), 0);
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(0).padStart(5)} KiB`;
}

function run(folder, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
}

async function check(title, body) {
  try {
    await body();
    console.log(`ok      ${title}`);
  } catch (error) {
    failed += 1;
    console.error(`FAILED  ${title}\n${error.message}`);
  }
}
