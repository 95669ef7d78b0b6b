import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { Script } from 'node:vm';
import { packageSources } from '../../own-files.mjs';

const bundled = '@ceres/internal';
/** What sucrase writes into a CommonJS build; nothing hot reads these. */
const interop = /^var _\w+ = (?:require|_interopRequire\w*)\(/;

/**
 * Looks into a packed package for what publint and attw do not know about.
 *
 * @param {{ name: string, tarball: string }} packed
 * @param {string} folder where the tarball is unpacked
 * @returns {string[]} what is wrong, one sentence each
 */
export function findContentFaults({ name, tarball }, folder) {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components', '1']);
  const packed = readdirSync(folder, { recursive: true });
  const files = packed.filter((path) => /\.[cm]?(?:js|d\.[cm]?ts|ts)$/.test(path));
  const scripts = files.filter((path) => /\.[cm]?js$/.test(path));
  const text = (path) => readFileSync(join(folder, path), 'utf8');
  const manifest = JSON.parse(text('package.json'));
  return [
    ...(scripts.length === 0 ? [`${name} holds no JavaScript`] : []),
    ...files
      .filter((path) => text(path).includes(bundled))
      .map((path) => `${name}: ${path} names ${bundled}, which is not published`),
    ...dependenciesOf(manifest)
      .filter((dependency) => dependency === bundled)
      .map(() => `${name}: package.json depends on ${bundled}, which is not published`),
    // npm installs without it, and without a word.
    ...(manifest.man === undefined || packed.includes(normalize(manifest.man))
      ? []
      : [`${name}: package.json names the manual page ${manifest.man}, which is not packed`]),
    ...scripts
      .filter((path) => path.endsWith('.cjs'))
      .flatMap((path) => syntaxFault(text(path)).map((fault) => `${name}: ${path} cannot be loaded: ${fault}`)),
    ...scripts.flatMap((path) =>
      topLevelVars(text(path)).map((line) => `${name}: ${path} keeps a slow top-level \`${line}\``),
    ),
  ];
}

function dependenciesOf({ dependencies, peerDependencies, optionalDependencies }) {
  return [dependencies, peerDependencies, optionalDependencies].flatMap((list) => Object.keys(list ?? {}));
}

/** Finds what sucrase makes wrong: it writes the right side of `??` into a function, in which `yield` means nothing. */
function syntaxFault(code) {
  try {
    new Script(`(function () {${code.replace(/^#!.*/, '')}\n})`);
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** Finds what the step `keep-const` of tsup.config.ts should have made constant. */
function topLevelVars(code) {
  return code.split('\n').filter((line) => /^var\b/.test(line) && !interop.test(line));
}

/** Finds what the step `keep-const` would wrongly make constant: `let` at the top level of a source. */
export function findTopLevelLets() {
  return packageSources()
    .filter((path) => /^(?:export )?let\b/m.test(readFileSync(path, 'utf8')))
    .map(
      (path) => `${path} has a \`let\` at its top level, which the build would make constant: move it into a function`,
    );
}
